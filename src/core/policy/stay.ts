/** A Service that holds addresses it may keep: it gives them up only for something better of its own wish. */
import { invariant } from '../invariant.ts';
import { type Address, without } from '../net/address.ts';
import { givenUp, grows, keeps, lost } from '../status/because.ts';
import { tryPool } from './allocate.ts';
import { type Ask, findPool, homeOf } from './ask.ts';
import type { Decision, Released, Step } from './decision.ts';
import type { Holding } from './existing.ts';
import { malformed } from './malformed.ts';
import { noneServes } from './none-serves.ts';
import { type Final, follow } from './order/follow.ts';
import { wishes } from './order/order.ts';
import { assigned, refusedOrWaiting } from './outcome.ts';

export function stay(ask: Ask, holding: Holding): Decision {
  const steps: Step[] = [];
  const failure = malformed(ask);
  if (failure !== undefined) return keep(ask, holding, steps, { kind: 'failed', failure, tried: [] });
  if (!wishesNew(ask, holding.kept)) return grow(ask, holding, steps);
  const wished = follow(ask, wishes, steps);
  invariant(wished !== undefined, 'a Service that wishes for something new is answered');
  const { answer } = wished;
  if (answer.kind === 'failed') return keep(ask, holding, steps, answer);
  const left = without(holding.kept, answer.addresses);
  if (left.length === 0 && answer.addresses.length === holding.kept.length) return keep(ask, holding, steps);
  const released = [...holding.released, ...left.map((address): Released => ({ address, because: givenUp() }))];
  return assigned(ask, answer, { released, steps, warnings: holding.warnings });
}

/**
 * Whether the Service asks by name for something that it doesn't hold. The pool
 * that its addresses were given from counts as met where the platform has moved
 * their range to another pool since: nobody loses an address by that.
 */
function wishesNew(ask: Ask, kept: readonly Address[]): boolean {
  const { requestedAddresses, requestedPool, allocatedPool } = ask.request;
  if (without(requestedAddresses, kept).length > 0) return true;
  if (requestedPool === undefined || requestedPool === allocatedPool) return false;
  return kept.some((address) => homeOf(ask, address) !== requestedPool);
}

/** Looks for the family that is missing, in the pool that serves the other one. */
function grow(ask: Ask, holding: Holding, steps: Step[]): Decision {
  const { kept } = holding;
  if (kept.length >= ask.families.length) return keep(ask, holding, steps);
  const pool = findPool(ask, poolOf(ask, kept));
  if (typeof pool === 'string') return keep(ask, holding, steps);
  const trial = tryPool(ask, pool, kept);
  if (without(trial.addresses, kept).length > 0 && without(kept, trial.addresses).length === 0) {
    const because = grows(without(trial.addresses, kept), pool.name);
    steps.push({ rule: 'existing', outcome: 'chose', sentence: because });
    const answer = { kind: 'chose' as const, pool: pool.name, addresses: trial.addresses, because, tried: [] };
    return assigned(ask, answer, { released: holding.released, steps, warnings: holding.warnings });
  }
  if (ask.want === 'any' || trial.passed === undefined) return keep(ask, holding, steps);
  const tried = [{ pool: pool.name, passed: trial.passed }];
  const failure = noneServes(ask, tried, { kind: 'held' });
  return keep(ask, holding, steps, { kind: 'failed', failure, tried });
}

function keep(ask: Ask, holding: Holding, steps: Step[], unmet?: Final & { readonly kind: 'failed' }): Decision {
  const { kept, released, warnings } = holding;
  const pool = poolOf(ask, kept);
  const because = keeps(kept, pool);
  const gone: Step[] = released.length === 0 ? [] : [{ rule: 'existing', outcome: 'passed', sentence: lost(released) }];
  const all: Step[] = [...gone, { rule: 'existing', outcome: 'chose', sentence: because }, ...steps];
  const answer = { kind: 'chose' as const, pool, addresses: kept, because, tried: [] };
  return assigned(ask, answer, {
    released,
    steps: all,
    warnings,
    unmet: unmet && refusedOrWaiting(ask, unmet, { released: [], steps: all }),
  });
}

function poolOf(ask: Ask, kept: readonly Address[]): string {
  const pool = kept[0] && homeOf(ask, kept[0]);
  invariant(pool !== undefined, 'an address that is kept lies in a pool');
  return pool;
}
