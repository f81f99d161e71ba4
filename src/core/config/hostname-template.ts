/** Templates of DNS names for Services: `{name}.{namespace}.example.com`. */
import { fail, ok, type Result } from '../result.ts';
import { isDnsLabel } from './names-syntax.ts';

export const HOSTNAME_VARIABLES = ['name', 'namespace', 'pool', 'category'] as const;
export type HostnameVariables = Readonly<Record<(typeof HOSTNAME_VARIABLES)[number], string>>;

/**
 * Fills a template with one Service's words and checks that the outcome is a
 * DNS name (RFC 1123; up to 253 characters, labels up to 63). Bad text gives a
 * message without a full stop.
 */
export function renderHostname(template: string, variables: HostnameVariables): Result<string> {
  if (template.length > 253) return fail('is longer than the 253 characters of a DNS name');
  const unknown = /\{(?!(?:name|namespace|pool|category)\})[^}]*\}?|(?<!\{[a-z]*)\}/.exec(template);
  if (unknown !== null) return fail(`has ${unknown[0]}, which is no variable`);
  const name = template.replace(
    /\{(name|namespace|pool|category)\}/g,
    (_, key: keyof HostnameVariables) => variables[key],
  );
  if (name.length > 253) return fail('gives a name longer than the 253 characters of DNS');
  const labels = name.split('.');
  const first = labels[0] === '*' ? labels.slice(1) : labels;
  const bad = first.find((label) => !isDnsLabel(label));
  if (bad !== undefined)
    return fail(bad === '' ? 'has an empty part between dots' : `has the part "${bad}", which is no DNS label`);
  return ok(name);
}

/** Whether two Services of one cluster can never be given the same name. */
export function isUniqueTemplate(template: string): boolean {
  return template.includes('{name}') && template.includes('{namespace}');
}
