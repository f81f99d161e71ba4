/** A Service that holds nothing it may keep: the order of decision, from its first step. */
import { invariant } from '../invariant.ts';
import { assignedAtAdmission, heldNothing, lost, onlySome } from '../status/because.ts';
import { type Ask, findPool } from './ask.ts';
import type { Decision, Step } from './decision.ts';
import type { Holding } from './existing.ts';
import { malformed } from './malformed.ts';
import { type Final, type Followed, follow } from './order/follow.ts';
import { provisions, wishes } from './order/order.ts';
import { tryPools } from './order/try-pools.ts';
import { assigned, refusedOrWaiting } from './outcome.ts';
import { shutOut } from './permission.ts';

export function begin(ask: Ask, { released }: Holding): Decision {
  const existing = released.length === 0 ? heldNothing() : lost(released);
  const steps: Step[] = [{ rule: 'existing', outcome: 'passed', sentence: existing }];
  const answer = firstAnswer(ask, steps);
  if (answer.kind === 'failed') return refusedOrWaiting(ask, answer, { released, steps });
  return assigned(ask, answer, { released, steps });
}

function firstAnswer(ask: Ask, steps: Step[]): Final {
  const failure = malformed(ask);
  if (failure !== undefined) return { kind: 'failed', failure, tried: [] };
  const wished = follow(ask, wishes, steps);
  if (wished !== undefined) return wished.answer;
  const provided = follow(ask, provisions, steps);
  invariant(provided !== undefined, 'the last step of the order always answers');
  return asAdmitted(ask, provided, steps) ?? provided.answer;
}

/**
 * The pool that was assigned at admission, where the order would now say
 * otherwise and the pool is still permitted: what the author was told then
 * holds. A reservation made since goes before it.
 */
function asAdmitted(ask: Ask, provided: Followed, steps: Step[]): Final | undefined {
  const { assignedPool } = ask.request;
  if (assignedPool === undefined || provided.rule === 'reservation') return undefined;
  if (provided.answer.kind === 'chose' && provided.answer.pool === assignedPool) return undefined;
  const pool = findPool(ask, assignedPool);
  if (typeof pool === 'string' || shutOut(pool, ask) !== undefined) return undefined;
  const { best, tried } = tryPools(ask, [pool]);
  if (best === undefined) return undefined;
  const because = assignedAtAdmission(assignedPool) + onlySome(best);
  steps.push({ rule: 'existing', outcome: 'chose', sentence: because });
  return { kind: 'chose', pool: assignedPool, addresses: best.addresses, because, tried };
}
