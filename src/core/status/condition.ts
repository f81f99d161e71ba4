/** One condition carried on from what was written before. */
import type { Condition } from '../api/kubernetes.ts';
import type { Millis } from '../time.ts';
import { formatTime } from './rfc3339.ts';

/**
 * The condition to write. `lastTransitionTime` changes only with `status`; where
 * nothing changed the previous object itself comes back, so that a caller sees
 * by identity that there is nothing to write.
 */
export function carryOn(
  next: Omit<Condition, 'lastTransitionTime'>,
  previous: Condition | undefined,
  now: Millis,
): Condition {
  const since = previous?.status === next.status ? previous.lastTransitionTime : undefined;
  const condition = { ...next, lastTransitionTime: since ?? formatTime(now) };
  return previous !== undefined && equal(condition, previous) ? previous : condition;
}

function equal(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.lastTransitionTime === b.lastTransitionTime &&
    a.observedGeneration === b.observedGeneration
  );
}

/** The condition of a type in a list; undefined where it is not there. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
