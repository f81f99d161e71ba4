/** Label selectors, parsed once: metav1.LabelSelector with the rules of Kubernetes' own parser. */
import type { Labels } from '../api/kubernetes.ts';
import { Fields, isJsonObject } from './fields.ts';
import { isLabelKey, isLabelValue } from './names-syntax.ts';
import type { Problem } from './problem.ts';
import { Report } from './report.ts';

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

/** The selector as `kubectl -l` would take it, in one canonical order; `everything` for the empty one. */
export function formatSelector(selector: Selector): string {
  if (selector.requirements.length === 0) return 'everything';
  return selector.requirements.map(formatRequirement).sort().join(',');
}

function formatRequirement(requirement: Requirement): string {
  switch (requirement.operator) {
    case 'In': {
      const values = [...requirement.values].sort();
      return values.length === 1 ? `${requirement.key}=${values[0]}` : `${requirement.key} in (${values.join(',')})`;
    }
    case 'NotIn':
      return `${requirement.key} notin (${[...requirement.values].sort().join(',')})`;
    case 'Exists':
      return requirement.key;
    case 'DoesNotExist':
      return `!${requirement.key}`;
  }
}

/**
 * Reads a metav1.LabelSelector from any JSON. `selector` is undefined where
 * the problems hold an error: a selector in doubt selects nothing.
 */
export function parseSelector(
  value: unknown,
  path: string,
): { readonly selector: Selector | undefined; readonly problems: readonly Problem[] } {
  const report = new Report();
  const selector = readSelector(value, path, report);
  return { selector, problems: report.problems() };
}

/** As `parseSelector`, into a report that is being written. */
export function readSelector(value: unknown, path: string, report: Report): Selector | undefined {
  if (!isJsonObject(value)) {
    report.error(
      path,
      value,
      'must be a label selector',
      'write matchLabels or matchExpressions; {} selects everything',
    );
    return undefined;
  }
  const before = report.errors;
  const fields = new Fields(value, path, report);
  fields.warnUnknown(['matchLabels', 'matchExpressions']);
  const requirements = [...readLabels(fields, report), ...readExpressions(fields, report)];
  return report.errors === before ? { requirements } : undefined;
}

/** Reads a list of selectors and refuses one that is written twice; faulty ones are left out. */
export function readSelectors(fields: Fields, key: string, report: Report): readonly Selector[] {
  const found = new Map<string, Selector>();
  for (const { value, path } of fields.list(key)) {
    const selector = readSelector(value, path, report);
    if (selector === undefined) continue;
    const text = formatSelector(selector);
    if (found.has(text)) report.error(path, text, 'is in the list twice', 'remove one of the two');
    found.set(text, selector);
  }
  return [...found.values()];
}

function readLabels(fields: Fields, report: Report): readonly Requirement[] {
  const labels = fields.object('matchLabels');
  if (labels === undefined) return [];
  return labels.keys().flatMap((key): Requirement[] => {
    const path = labels.pathOf(key);
    if (!checkKey(key, path, report)) return [];
    const value = labels.raw(key) ?? '';
    return checkValue(value, path, report) ? [{ key, operator: 'In', values: new Set([value]) }] : [];
  });
}

function readExpressions(fields: Fields, report: Report): readonly Requirement[] {
  const seen = new Set<string>();
  return fields.objects('matchExpressions').flatMap((expression) => {
    const requirement = readExpression(expression, report);
    if (requirement === undefined) return [];
    const text = formatRequirement(requirement);
    if (seen.has(text)) report.error(expression.path, text, 'is in the list twice', 'remove one of the two');
    seen.add(text);
    return [requirement];
  });
}

function readExpression(expression: Fields, report: Report): Requirement | undefined {
  const before = report.errors;
  expression.warnUnknown(['key', 'operator', 'values']);
  const key = expression.string('key') ?? '';
  checkKey(key, expression.pathOf('key'), report);
  const operator = readOperator(expression, report);
  const values = readValues(expression, report);
  if (report.errors > before || operator === undefined) return undefined;
  const path = expression.pathOf('values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.size > 0) return { key, operator, values };
      report.error(path, undefined, `operator ${operator} needs at least one value`, 'list the values to compare with');
      return undefined;
    case 'Exists':
    case 'DoesNotExist':
      if (values.size === 0) return { key, operator };
      report.error(path, [...values], `operator ${operator} takes no values`, 'remove the values, or use In or NotIn');
      return undefined;
  }
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

function readOperator(expression: Fields, report: Report): (typeof OPERATORS)[number] | undefined {
  const value = expression.string('operator');
  const known = OPERATORS.find((operator) => operator === value);
  if (known === undefined) {
    const path = expression.pathOf('operator');
    report.error(path, value, `must be one of ${OPERATORS.join(', ')}`, 'write one of these words as spelled here');
  }
  return known;
}

function readValues(expression: Fields, report: Report): ReadonlySet<string> {
  const values = new Set<string>();
  for (const { value, path } of expression.list('values')) {
    if (!checkValue(value, path, report)) continue;
    if (values.has(value)) report.error(path, value, 'is in the list twice', 'remove one of the two');
    values.add(value);
  }
  return values;
}

function checkKey(key: string, path: string, report: Report): boolean {
  if (isLabelKey(key)) return true;
  report.error(path, key, 'is no valid label key', 'write a label key such as team or example.com/team');
  return false;
}

function checkValue(value: unknown, path: string, report: Report): value is string {
  if (typeof value === 'string' && isLabelValue(value)) return true;
  const remedy = 'write up to 63 letters, digits, "-", "_" or ".", in quotes where it looks like a number';
  report.error(path, value, 'is no valid label value', remedy);
  return false;
}
