/** Whether two selectors can take the same object at all, told from their text. */
import type { Requirement, Selector } from '../selector.ts';

/** True where no set of labels satisfies both. False where some may. */
export function excludeEachOther(a: Selector, b: Selector): boolean {
  return a.requirements.some((one) => b.requirements.some((other) => contradict(one, other) || contradict(other, one)));
}

function contradict(one: Requirement, other: Requirement): boolean {
  if (one.key !== other.key) return false;
  switch (one.operator) {
    case 'In':
      if (other.operator === 'DoesNotExist') return true;
      if (other.operator === 'In') return [...one.values].every((value) => !other.values.has(value));
      if (other.operator === 'NotIn') return [...one.values].every((value) => other.values.has(value));
      return false;
    case 'Exists':
      return other.operator === 'DoesNotExist';
    case 'NotIn':
    case 'DoesNotExist':
      return false;
  }
}
