/** What a decision makes of a Service's status. */
import { unannouncedAfter } from '../core/announce/unannounced.ts';
import type { Condition, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_CONDITION } from '../core/api/names.ts';
import type { Claim } from '../core/ipam/ledger.ts';
import { type Address, formatAddress } from '../core/net/address.ts';
import type { Decision } from '../core/policy/decision.ts';
import type { World } from '../core/policy/world.ts';
import { findCondition } from '../core/status/condition.ts';
import { allocatedCondition } from '../core/status/conditions.ts';
import type { DesiredStatus } from '../kube/service-patch.ts';

export interface Desired {
  readonly status: DesiredStatus;
  /** What the Service holds by it; empty: nothing. */
  readonly addresses: readonly Address[];
  readonly pool: string | undefined;
  /** The condition before and after, for the event. */
  readonly previous: Condition | undefined;
  readonly condition: Condition;
}

/**
 * The status that carries out a decision; undefined where nothing may be
 * touched now (see `isUncertain`).
 */
export function desiredStatus(
  service: Service,
  held: Claim | undefined,
  decision: Decision,
  world: World,
): Desired | undefined {
  if (isUncertain(decision, world)) return undefined;
  const previous = findCondition(service.status?.conditions, ALLOCATED_CONDITION);
  const condition = allocatedCondition(decision, previous, world.now);
  const told = { previous, condition };
  switch (decision.kind) {
    case 'assigned': {
      const { addresses, kept, unmet } = decision;
      const ingress = addresses.map(formatAddress);
      if (!kept) {
        const unannounced = unannouncedAfter(service, decision, world.configuration.pools.get(decision.pool));
        const status = { ingress, pool: decision.pool, unannounced, condition };
        return { status, addresses, pool: decision.pool, ...told };
      }
      // Taken over from elsewhere and just as it should be: not worth a write.
      const adopted = previous === undefined && unmet === undefined && isPublished(service, ingress);
      return { status: { ingress, ...(!adopted && { condition }) }, addresses, pool: held?.pool, ...told };
    }
    case 'waiting':
    case 'refused': {
      const lost = decision.released.length > 0;
      return {
        status: { condition, ...(lost && { ingress: [], pool: null, unannounced: [] }) },
        addresses: [],
        pool: undefined,
        ...told,
      };
    }
  }
}

function isPublished(service: Service, ingress: readonly string[]): boolean {
  return (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join() === ingress.join();
}

/**
 * Whether an address would be given up because no pool holds it, while a pool
 * is out of force by its own errors: it may well be that one's. A bad edit of a
 * pool takes no address from anybody.
 */
function isUncertain(decision: Decision, world: World): boolean {
  const stray = decision.released.some(({ address }) => world.ledger.poolOf(address) === undefined);
  return stray && hasFaultyPool(world);
}

function hasFaultyPool({ configuration }: World): boolean {
  for (const [key, problems] of configuration.problems) {
    if (key.startsWith('IPAddressPool/') && problems.some(({ severity }) => severity === 'error')) return true;
  }
  return false;
}
