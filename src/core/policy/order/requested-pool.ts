/** Step 2: the Service names a pool. No other pool stands in for it. */
import { asksForNoPool, asksForPool } from '../../status/because.ts';
import { type Ask, findPool } from '../ask.ts';
import type { NamedBy } from '../failure.ts';
import { type Answer, passed } from './answer.ts';
import { askOnePool } from './one-pool.ts';

export function requestedPool(ask: Ask): Answer {
  const { requestedPool: pool, requestedPoolFrom: path } = ask.request;
  if (pool === undefined) return passed(asksForNoPool());
  const namedBy: NamedBy = { kind: 'annotation', path };
  return askOnePool(ask, pool, findPool(ask, pool), namedBy, asksForPool(path, pool));
}
