/** Step 7, the last: automatic pools without `serviceAllocation`, by name. */
import { onlySome, openToAll } from '../../status/because.ts';
import type { Ask } from '../ask.ts';
import { catalogueOf } from '../catalogue.ts';
import type { Tried } from '../failure.ts';
import { alternativesTo, noneServes } from '../none-serves.ts';
import { shutOut } from '../permission.ts';
import { type Answer, failed } from './answer.ts';
import { tryPools } from './try-pools.ts';

/** Where no pool had the say in any step, the Service waits: a pool for it may be about to arrive. */
export function autoAssign(ask: Ask, before: readonly Tried[]): Answer {
  const { configuration } = ask.world;
  if (configuration.pools.size === 0) return failed({ kind: 'no-pools' });
  const { open } = catalogueOf(configuration);
  const { best, tried } = tryPools(ask, open);
  if (best !== undefined) {
    const because = openToAll(best.pool.name) + onlySome(best);
    return { kind: 'chose', pool: best.pool.name, addresses: best.addresses, because, tried };
  }
  const asked = [...before, ...tried];
  if (asked.length > 0) return failed(noneServes(ask, asked, { kind: 'nobody' }), asked);
  const closed = closedPools(ask);
  const { namespace } = ask.request;
  return failed({ kind: 'none-open', namespace, tried: closed, alternatives: alternativesTo(ask, []) }, closed);
}

/** As many as an author can read. */
const MOST = 10;

/** Why each pool isn't one that this Service gets by itself. */
function closedPools(ask: Ask): readonly Tried[] {
  return [...ask.world.configuration.pools.values()].slice(0, MOST).map((pool): Tried => {
    if (pool.deleting) return { pool: pool.name, passed: { why: 'deleting' } };
    const pinned = shutOut(pool, ask);
    return { pool: pool.name, passed: pinned === undefined ? { why: 'by-name-only' } : { why: 'pinned', pinned } };
  });
}
