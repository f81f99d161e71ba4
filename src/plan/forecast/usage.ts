/** How full pools and quotas are, before and after. */
import type { Service } from '../../core/api/kubernetes.ts';
import type { Configuration } from '../../core/config/configuration.ts';
import { compareText } from '../../core/config/entry.ts';
import type { Counts, Ledger, Usage } from '../../core/ipam/ledger.ts';
import type { Family } from '../../core/net/address.ts';
import { rulesFor } from '../../core/policy/rules.ts';
import type { World } from '../../core/policy/world.ts';
import type { PoolOutlook, PoolUse, QuotaOutlook } from './report.ts';
import { requestOf } from './request-of.ts';
import type { Written } from './wanted.ts';

export interface UsedBefore {
  readonly pools: ReadonlyMap<string, Counts>;
  readonly namespace: (name: string) => Usage;
}

/** Taken before anything moves. */
export function usageBefore({ pools }: Configuration, ledger: Ledger): UsedBefore {
  const namespaces = new Set([...ledger.claims()].map(({ namespace }) => namespace));
  const usages = new Map([...namespaces].map((name) => [name, ledger.usage(name)] as const));
  const none: Usage = { services: 0, addresses: { IPv4: 0, IPv6: 0 }, perPool: new Map() };
  return {
    pools: new Map([...pools.keys()].map((name) => [name, ledger.counts(name)] as const)),
    namespace: (name) => usages.get(name) ?? none,
  };
}

/** Of each pool and family there was or will be, by name. */
export function poolUse(before: UsedBefore, { pools }: Configuration, ledger: Ledger): readonly PoolOutlook[] {
  const names = [...new Set([...before.pools.keys(), ...pools.keys()])].sort();
  return names.flatMap((pool) =>
    (['IPv4', 'IPv6'] as const).flatMap((family): PoolOutlook[] => {
      const [old, now] = [
        useOf(before.pools.get(pool), family),
        pools.has(pool) ? useOf(ledger.counts(pool), family) : undefined,
      ];
      return old === undefined && now === undefined ? [] : [{ pool, family, before: old, after: now }];
    }),
  );
}

function useOf(counts: Counts | undefined, family: Family): PoolUse | undefined {
  const found = counts?.[family];
  if (found === undefined || found.total === 0n) return undefined;
  return { used: String(found.assigned), reserved: String(found.reserved + found.held), total: String(found.total) };
}

interface QuotaQuestion {
  readonly past: Configuration;
  readonly usedBefore: UsedBefore;
  readonly world: World;
  readonly services: ReadonlyMap<string, Written<Service>>;
  readonly live: ReadonlyMap<string, Service>;
  readonly families: readonly Family[];
}

/** Every quota that counts for a Service there is, by policy and namespace. */
export function quotaUse({ usedBefore, world, services, live, families }: QuotaQuestion): readonly QuotaOutlook[] {
  if (world.configuration.policies.every(({ quota }) => quota === undefined)) return [];
  const found = new Map<string, QuotaOutlook>();
  const all = [...[...services.values()].map(({ object }) => object), ...live.values()];
  for (const service of all) {
    const request = requestOf(service, families);
    const { quota } = rulesFor(request, world);
    if (quota === undefined) continue;
    const { namespace } = request;
    const [before, after] = [usedBefore.namespace(namespace), world.ledger.usage(namespace)];
    const add = (counted: string, limit: number | undefined, was: number, is: number): void => {
      if (limit === undefined) return;
      const { policy } = quota;
      found.set(`${policy} ${namespace} ${counted}`, { policy, namespace, counted, before: was, after: is, limit });
    };
    const { limits } = quota;
    add('Services', limits.services, before.services, after.services);
    add('addresses', limits.addresses, both(before), both(after));
    for (const family of ['IPv4', 'IPv6'] as const) {
      add(`${family} addresses`, limits.addressesPerFamily[family], before.addresses[family], after.addresses[family]);
    }
    for (const [pool, limit] of limits.perPool) {
      add(`addresses of pool "${pool}"`, limit, before.perPool.get(pool) ?? 0, after.perPool.get(pool) ?? 0);
    }
  }
  return [...found].sort(([a], [b]) => compareText(a, b)).map(([, outlook]) => outlook);
}

function both({ addresses }: Usage): number {
  return addresses.IPv4 + addresses.IPv6;
}
