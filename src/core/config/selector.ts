/** Label selectors, parsed once: metav1.LabelSelector with the rules of Kubernetes' own parser. */
import type { Labels } from '../api/kubernetes.ts';
import type { Problem } from './problem.ts';

/** One condition on a label; a selector is all of them together. */
export type Requirement =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: ReadonlySet<string> }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist' };

/** All requirements must hold; none at all selects everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

/**
 * Whether labels satisfy every requirement. Unknown labels (`undefined`: the
 * object isn't known) satisfy no selector, not even the empty one: fail closed.
 * `NotIn` holds where the label is absent, as in Kubernetes.
 */
export function matches(selector: Selector, labels: Labels | undefined): boolean {
  return labels !== undefined && selector.requirements.every((requirement) => holds(requirement, labels));
}

function holds(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.has(value);
    case 'NotIn':
      return value === undefined || !requirement.values.has(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
