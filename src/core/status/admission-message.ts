/**
 * The answer of a webhook that says no. Code 403 and reason Forbidden, because
 * kubectl drops the message of 422 where causes are given, and Flux takes
 * Invalid for an immutable field and may delete the live object. Flux and
 * kubectl show the message alone, so everything is in it, and its first line is
 * enough.
 */
import type { Problem } from '../config/problem.ts';
import type { Refused } from '../policy/decision.ts';
import type { Loss } from '../policy/disruption.ts';
import { disruptionSentence, lossSentence } from './disruption.ts';
import { problemSentence } from './problem.ts';
import { count, quote } from './text.ts';

export interface AdmissionRefusal {
  readonly code: 403;
  readonly reason: 'Forbidden';
  readonly message: string;
  readonly causes: readonly Cause[];
}

/** `details.causes[]` of a metav1.Status. */
export interface Cause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** A Service that can't be served. */
export function serviceRefusal({ reason, field, message, candidates, problems }: Refused): AdmissionRefusal {
  const pools = candidates.length < 2 ? [] : candidates.map(({ pool, because }) => `pool ${quote(pool)}: ${because}`);
  const faults = problems.length < 2 ? [] : problems.map(problemSentence);
  const causes = problems.length === 0 ? [{ reason, field, message }] : problems.map((each) => causeOf(reason, each));
  return refusal(`${reason}: ${message}`, [...faults, ...pools], causes);
}

/** An object of configuration with faults; only errors are told. */
export function configurationRefusal(kind: string, name: string, problems: readonly Problem[]): AdmissionRefusal {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const number = errors.length === 1 ? '' : ` (first of ${count(errors.length, 'problem')})`;
  const head = `Cannot take ${kind} ${quote(name)}: ${first === undefined ? 'it is malformed' : problemSentence(first)}${number}`;
  const lines = errors.length < 2 ? [] : errors.map(problemSentence);
  return refusal(
    `InvalidConfiguration: ${head}`,
    lines,
    errors.map((each) => causeOf('InvalidConfiguration', each)),
  );
}

/** A change of configuration that takes addresses from running Services. */
export function disruptionRefusal(
  kind: string,
  name: string,
  verb: 'change' | 'delete',
  losses: readonly Loss[],
): AdmissionRefusal {
  const message = disruptionSentence(kind, name, verb, losses);
  return refusal(`WouldDisrupt: ${message}`, losses.map(lossSentence), [
    { reason: 'WouldDisrupt', field: 'spec', message },
  ]);
}

/** As many lines below the first as a person reads; the first line has the whole number. */
const MOST_LINES = 20;

function refusal(head: string, lines: readonly string[], causes: readonly Cause[]): AdmissionRefusal {
  const shown = lines.slice(0, MOST_LINES);
  const rest = lines.length > shown.length ? [`and ${lines.length - shown.length} more`] : [];
  const message = [head, ...[...shown, ...rest].map((line) => `- ${line}`)].join('\n');
  return { code: 403, reason: 'Forbidden', message, causes: causes.slice(0, MOST_LINES) };
}

function causeOf(reason: string, problem: Problem): Cause {
  return { reason, field: problem.path, message: problemSentence(problem) };
}
