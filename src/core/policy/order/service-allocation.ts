/** Step 6: automatic pools whose `serviceAllocation` pins them to this Service, the lowest priority number first. */
import { nothingPinned, onlySome, pinnedFull, pinnedTo } from '../../status/because.ts';
import type { Ask } from '../ask.ts';
import { catalogueOf } from '../catalogue.ts';
import { shutOut } from '../permission.ts';
import { type Answer, passed } from './answer.ts';
import { tryPools } from './try-pools.ts';

/** Where none of them has room, the pools that are open to all are asked, as in MetalLB. */
export function serviceAllocation(ask: Ask): Answer {
  const pinned = catalogueOf(ask.world.configuration).pinned.filter((pool) => shutOut(pool, ask) === undefined);
  if (pinned.length === 0) return passed(nothingPinned());
  const { best, tried } = tryPools(ask, pinned);
  if (best === undefined) return passed(pinnedFull(tried), tried);
  const because = pinnedTo(best.pool) + onlySome(best);
  return { kind: 'chose', pool: best.pool.name, addresses: best.addresses, because, tried };
}
