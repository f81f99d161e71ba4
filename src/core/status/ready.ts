/** Whether an AddressPolicy or AddressReservation is in force, and if not, what its author must change. */
import type { Condition } from '../api/kubernetes.ts';
import type { Problem } from '../config/problem.ts';
import type { Millis } from '../time.ts';
import { carryOn, findCondition } from './condition.ts';
import { problemSentence } from './problem.ts';
import { inOneLine } from './text.ts';

/** Ready, and Stalled where the object is in error: nothing but an edit can help. Warnings are told by Ready. */
export function readyConditions(
  problems: readonly Problem[],
  generation: number,
  previous: readonly Condition[] | undefined,
  now: Millis,
): readonly Condition[] {
  return contents(problems).map((each) =>
    carryOn({ ...each, observedGeneration: generation }, findCondition(previous, each.type), now),
  );
}

type Content = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function contents(problems: readonly Problem[]): readonly Content[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const told = inOneLine((errors.length > 0 ? errors : problems).map(problemSentence));
  if (errors.length > 0) {
    const reason = 'InvalidConfiguration';
    return [
      { type: 'Ready', status: 'False', reason, message: told },
      { type: 'Stalled', status: 'True', reason, message: told },
    ];
  }
  return [
    { type: 'Ready', status: 'True', reason: 'InForce', message: told === '' ? 'in force' : `in force; ${told}` },
  ];
}
