/** Other addresses of the same pool in place of some that a Service holds and must not use. */
import type { ServiceRequest } from '../config/service-request.ts';
import { type Address, isOneOf, without } from '../net/address.ts';
import { claimedBy, movesAway } from '../status/because.ts';
import { tryPool } from './allocate.ts';
import { askOf, findPool, homeOf } from './ask.ts';
import type { Assigned, Released } from './decision.ts';
import { holdingOf } from './existing.ts';
import { malformed } from './malformed.ts';
import { assigned } from './outcome.ts';
import type { World } from './world.ts';

/** An address of a Service, and the hardware address of the host outside the cluster that has it. */
export interface Contested {
  readonly address: Address;
  readonly by: string;
}

/**
 * Every contested address is replaced, in one decision, and the others stay;
 * undefined where that can't be had. So there is no moment in between at which
 * the Service has fewer addresses.
 */
export function exchange(request: ServiceRequest, world: World, contested: readonly Contested[]): Assigned | undefined {
  const ask = { ...askOf(request, world), unwanted: contested.map((each) => each.address) };
  const holding = holdingOf(ask);
  const lost = contested.filter(({ address }) => isOneOf(address, holding.kept));
  const [home, ...elsewhere] = new Set(lost.map(({ address }) => homeOf(ask, address)));
  if (home === undefined || elsewhere.length > 0 || malformed(ask) !== undefined) return undefined;
  const pool = findPool(ask, home);
  if (typeof pool === 'string') return undefined;
  const stays = without(holding.kept, ask.unwanted);
  const { addresses } = tryPool(ask, pool, stays);
  if (!holding.kept.every(({ family }) => addresses.some((each) => each.family === family))) return undefined;
  const gone = lost.map(({ address, by }): Released => ({ address, because: claimedBy(by) }));
  const because = movesAway(
    lost.map(({ address }) => address),
    pool.name,
  );
  return assigned(
    ask,
    { kind: 'chose', pool: pool.name, addresses, because, tried: [] },
    {
      released: [...holding.released, ...gone],
      steps: [{ rule: 'existing', outcome: 'chose', sentence: because }],
      warnings: holding.warnings,
    },
  );
}
