/** Makes a decision of an answer: its sentence, its reason, and whether the Service waits or is refused. */
import { without } from '../net/address.ts';
import { candidateSentence } from '../status/candidate.ts';
import { failureField, failureReason } from '../status/failure-reason.ts';
import { refusalSentence } from '../status/refusal.ts';
import { assignmentWarnings, problemWarnings } from '../status/warnings.ts';
import type { Ask } from './ask.ts';
import type { Assigned, Refused, Released, Step, Waiting } from './decision.ts';
import type { Failure, Tried } from './failure.ts';
import type { Answer } from './order/answer.ts';

interface Common {
  readonly released: readonly Released[];
  readonly steps: readonly Step[];
}

interface AssignedParts extends Common {
  readonly warnings?: readonly string[];
  readonly unmet?: Refused | Waiting | undefined;
}

export function assigned(ask: Ask, answer: Answer & { readonly kind: 'chose' }, parts: AssignedParts): Assigned {
  const { pool, addresses, because } = answer;
  const { released, steps, warnings = [], unmet } = parts;
  const { held } = ask.request;
  const added = without(addresses, held);
  const kept = added.length === 0 && held.length === addresses.length;
  const wait = unmet?.kind === 'waiting' ? [unmet.message] : [];
  const fresh = kept ? [] : assignmentWarnings(ask, pool, addresses);
  return {
    kind: 'assigned',
    pool,
    addresses,
    because,
    added,
    kept,
    released,
    unmet,
    steps,
    warnings: [...problemWarnings(ask.request), ...warnings, ...wait, ...fresh],
  };
}

export function refusedOrWaiting(
  ask: Ask,
  answer: Answer & { readonly kind: 'failed' },
  { released, steps }: Common,
): Refused | Waiting {
  const { failure, tried } = answer;
  const common = {
    reason: failureReason(failure),
    field: failureField(failure),
    message: refusalSentence(failure),
    candidates: candidatesOf(failure, tried),
    released,
    steps,
  };
  const warnings = problemWarnings(ask.request);
  if (waits(ask, failure)) {
    return { kind: 'waiting', ...common, pool: awaited(failure), warnings: [...warnings, common.message] };
  }
  const problems = failure.kind === 'invalid-request' ? failure.problems : [];
  return { kind: 'refused', ...common, problems, warnings };
}

/**
 * What is absent may be about to arrive: a client that dry-runs a whole set
 * first (Flux) would otherwise never apply a Service together with its pool.
 * What is there and full waits only where a policy says so.
 */
function waits(ask: Ask, failure: Failure): boolean {
  switch (failure.kind) {
    case 'pool-absent':
    case 'no-pools':
    case 'none-open':
      return true;
    case 'pool-contradicts-address':
      return failure.missing !== undefined;
    case 'none-serves': {
      const reason = failureReason(failure);
      return ask.rules.onExhausted === 'Pend' && (reason === 'OutOfIPs' || reason === 'QuotaExceeded');
    }
    case 'invalid-request':
    case 'one-family-only':
    case 'address-family':
    case 'address-missing':
    case 'address-outside':
    case 'address-avoided':
    case 'addresses-apart':
    case 'address-reserved':
    case 'address-taken':
    case 'address-incompatible':
    case 'pool-forbidden':
      return false;
  }
}

/** Undefined: any pool may end the wait. */
function awaited(failure: Failure): string | undefined {
  if (failure.kind === 'pool-absent') return failure.pool;
  if (failure.kind === 'pool-contradicts-address') return failure.named;
  return failure.kind === 'none-serves' && failure.tried.length === 1 ? failure.tried[0]?.pool : undefined;
}

/** As many as an author can read; the message counts them all. */
const MOST_CANDIDATES = 10;

function candidatesOf(failure: Failure, tried: readonly Tried[]): Refused['candidates'] {
  const all = tried.length === 0 && failure.kind === 'none-open' ? failure.tried : tried;
  return all.slice(0, MOST_CANDIDATES).map(({ pool, passed }) => ({ pool, because: candidateSentence(passed) }));
}
