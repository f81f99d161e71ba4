/** Whether a namespace may have more: the quota that speaks for a Service, held against what the namespace uses. */
import type { Address, Family } from '../net/address.ts';
import type { Ask } from './ask.ts';
import type { QuotaReached } from './failure.ts';

/**
 * The first limit that these addresses would break; undefined: none. Only what
 * makes the namespace use more is held against it, so a Service above a limit
 * that was lowered later can still move. An address that the namespace holds
 * already, under another Service, costs nothing.
 */
export function quotaReached(ask: Ask, pool: string, addresses: readonly Address[]): QuotaReached | undefined {
  const { quota } = ask.rules;
  if (quota === undefined) return undefined;
  const { limits } = quota;
  const { now, without } = ask.usage();
  const added = addresses.filter((address) => !heldInNamespace(ask, address));
  const both = (usage: { readonly addresses: Readonly<Record<Family, number>> }): number =>
    usage.addresses.IPv4 + usage.addresses.IPv6;
  const counts: readonly Count[] = [
    { counted: 'Services', limit: limits.services, now: now.services, without: without.services, wanted: 1 },
    { counted: 'addresses', limit: limits.addresses, now: both(now), without: both(without), wanted: added.length },
    perFamily('IPv4'),
    perFamily('IPv6'),
    {
      counted: 'addresses',
      pool,
      limit: limits.perPool.get(pool),
      now: now.perPool.get(pool) ?? 0,
      without: without.perPool.get(pool) ?? 0,
      wanted: added.length,
    },
  ];
  const broken = counts.find(
    ({ limit, now, without, wanted }) => limit !== undefined && without + wanted > Math.max(limit, now),
  );
  if (broken?.limit === undefined) return undefined;
  return {
    policy: quota.policy,
    namespace: ask.request.namespace,
    counted: broken.counted,
    pool: broken.pool,
    used: broken.without,
    limit: broken.limit,
    wanted: broken.wanted,
  };

  function perFamily(family: Family): Count {
    return {
      counted: `${family} addresses`,
      limit: limits.addressesPerFamily[family],
      now: now.addresses[family],
      without: without.addresses[family],
      wanted: added.filter((address) => address.family === family).length,
    };
  }
}

interface Count {
  readonly counted: QuotaReached['counted'];
  readonly pool?: string;
  readonly limit: number | undefined;
  readonly now: number;
  readonly without: number;
  readonly wanted: number;
}

function heldInNamespace(ask: Ask, address: Address): boolean {
  const { key, namespace } = ask.request;
  return ask.world.ledger.holders(address).some((holder) => holder.namespace === namespace && holder.key !== key);
}
