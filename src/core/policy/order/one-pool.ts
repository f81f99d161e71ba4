/** A pool that one word names: it serves, or nothing does. */
import type { Pool } from '../../config/configuration.ts';
import { onlySome } from '../../status/because.ts';
import type { Ask, Missing } from '../ask.ts';
import type { NamedBy } from '../failure.ts';
import { noneServes, poolAbsent, poolForbidden } from '../none-serves.ts';
import { shutOut } from '../permission.ts';
import { type Answer, failed } from './answer.ts';
import { tryPools } from './try-pools.ts';

export function askOnePool(ask: Ask, name: string, pool: Pool | Missing, namedBy: NamedBy, because: string): Answer {
  if (typeof pool === 'string') return failed(poolAbsent(ask, name, pool, namedBy));
  const pinned = shutOut(pool, ask);
  if (pinned !== undefined) {
    return failed(poolForbidden(ask, name, pinned, namedBy));
  }
  const { best, tried } = tryPools(ask, [pool]);
  if (best === undefined) return failed(noneServes(ask, tried, namedBy), tried);
  return { kind: 'chose', pool: name, addresses: best.addresses, because: because + onlySome(best), tried };
}
