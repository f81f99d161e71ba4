/** Step 5: the first policy by priority that matches the Service and names pools, in its order of overflow. */
import { noPolicyNamesPools, onlySome, overflowsTo, policyNames } from '../../status/because.ts';
import type { Ask, Missing } from '../ask.ts';
import type { NamedBy, PassedOver } from '../failure.ts';
import { noneServes, poolAbsent } from '../none-serves.ts';
import { type Answer, failed, passed } from './answer.ts';
import { tryNamedPools } from './try-pools.ts';

/** Where none of them serves, no later policy or step is asked; a pool that is absent may be about to arrive. */
export function policy(ask: Ask): Answer {
  const { pools, matching } = ask.rules;
  if (pools === undefined) return passed(noPolicyNamesPools(matching));
  const { best, tried } = tryNamedPools(ask, pools.names);
  if (best !== undefined) {
    const name = best.pool.name;
    const before = pools.names.slice(0, pools.names.indexOf(name));
    const full = tried.filter(({ pool }) => before.includes(pool));
    const because = full.length === 0 ? policyNames(pools.policy, name) : overflowsTo(pools.policy, name, full);
    return { kind: 'chose', pool: name, addresses: best.addresses, because: because + onlySome(best), tried };
  }
  const namedBy: NamedBy = { kind: 'policy', policy: pools.policy };
  for (const { pool, passed: found } of tried) {
    if (isMissing(found.why)) return failed(poolAbsent(ask, pool, found.why, namedBy), tried);
  }
  return failed(noneServes(ask, tried, namedBy), tried);
}

function isMissing(why: PassedOver['why']): why is Missing {
  return why === 'absent' || why === 'deleting' || why === 'faulty';
}
