/** What is wrong with a change of configuration, and what of it is the change's own doing. */
import type { KubeObject } from '../api/kubernetes.ts';
import type { Millis } from '../time.ts';
import type { ConfigKind } from './kinds.ts';
import type { Problem } from './problem.ts';
import type { RawConfiguration } from './raw-configuration.ts';
import { validateDeletion, validateObject } from './validate.ts';

/** A change of one object: created (no `old`), changed, or deleted (no `object`). */
export interface ConfigChange {
  readonly kind: ConfigKind;
  readonly name: string;
  /** Undefined for a deletion. */
  readonly object: KubeObject | undefined;
  /** Undefined for a creation. */
  readonly old: KubeObject | undefined;
}

export interface Verdict {
  /** Reasons to refuse. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * Holds the object against everything that is configured. An error that the object had before the update as well
 * is only a warning: whoever changes a label of an object that is already wrong isn't locked out.
 */
export function judge(change: ConfigChange, raw: RawConfiguration, now: Millis): Verdict {
  const { kind, name, object, old } = change;
  if (!object) return sort(validateDeletion(kind, name, raw));
  const verdict = sort(validateObject(kind, object, raw, now));
  if (verdict.errors.length === 0 || !old) return verdict;
  const before = new Set(sort(validateObject(kind, old, raw, now)).errors.map(textOf));
  return {
    errors: verdict.errors.filter((problem) => !before.has(textOf(problem))),
    warnings: [...verdict.warnings, ...verdict.errors.filter((problem) => before.has(textOf(problem)))],
  };
}

function sort(problems: readonly Problem[]): Verdict {
  return {
    errors: problems.filter(({ severity }) => severity === 'error'),
    warnings: problems.filter(({ severity }) => severity === 'warning'),
  };
}

/** The same fault in the same place, whatever the list index or the value it is quoted with. */
function textOf({ path, message }: Problem): string {
  return `${path}\n${message}`;
}
