/** The condition `berth.dev/Allocated` of a Service: has it an address, from where, and if not, why. */
import type { Condition } from '../api/kubernetes.ts';
import { ALLOCATED_CONDITION } from '../api/names.ts';
import type { Assigned, Candidate, Decision } from '../policy/decision.ts';
import type { Millis } from '../time.ts';
import { carryOn } from './condition.ts';
import { addresses, list, quote } from './text.ts';

/** The reason of a Service that has what it asks for. */
export const ALLOCATED = 'Allocated';

/**
 * The condition after a decision. `True` with the reason of what is missing
 * where the Service keeps its address and asks for something it can't have.
 * Idempotent: the same decision gives `previous` back, also where the reason of
 * the first assignment is no longer known.
 */
export function allocatedCondition(decision: Decision, previous: Condition | undefined, now: Millis): Condition {
  return carryOn({ type: ALLOCATED_CONDITION, ...contentOf(decision, previous) }, previous, now);
}

type Content = Pick<Condition, 'status' | 'reason' | 'message'>;

function contentOf(decision: Decision, previous: Condition | undefined): Content {
  switch (decision.kind) {
    case 'assigned':
      return decision.unmet === undefined
        ? assignedContent(decision, previous)
        : unmetContent(decision, decision.unmet);
    case 'waiting':
    case 'refused':
      return { status: 'False', reason: decision.reason, message: withCandidates(decision) };
  }
}

function assignedContent(decision: Assigned, previous: Condition | undefined): Content {
  const head = assignedHead(decision);
  const told =
    previous?.reason === ALLOCATED && (previous.message === head || previous.message.startsWith(`${head}: `));
  const fresh = decision.kept ? head : `${head}: ${decision.because}`;
  return { status: 'True', reason: ALLOCATED, message: decision.kept && told ? previous.message : fresh };
}

/** `Assigned 10.0.0.5 from pool "edge"`. */
export function assignedHead({ addresses: given, pool }: Pick<Assigned, 'addresses' | 'pool'>): string {
  return `Assigned ${addresses(given)} from pool ${quote(pool)}`;
}

function unmetContent(decision: Assigned, unmet: NonNullable<Assigned['unmet']>): Content {
  const keeps = `Keeps ${addresses(decision.addresses)} of pool ${quote(decision.pool)}`;
  return { status: 'True', reason: unmet.reason, message: `${keeps}. ${withCandidates(unmet)}` };
}

/** The first line, and where more than one pool was asked, what each said. */
function withCandidates({
  message,
  candidates,
}: {
  readonly message: string;
  readonly candidates: readonly Candidate[];
}): string {
  if (candidates.length < 2) return message;
  return `${message}. Asked: ${list(
    candidates.map(({ pool, because }) => `${quote(pool)} (${because})`),
    candidates.length,
  )}`;
}
