/** Templates of DNS names for Services: `{name}.{namespace}.example.com`. */
import { fail, ok, type Result } from '../result.ts';
import { isDnsLabel } from './names-syntax.ts';
import { showValue } from './show.ts';

export const HOSTNAME_VARIABLES = ['name', 'namespace', 'pool', 'category'] as const;
export type HostnameVariables = Readonly<Record<(typeof HOSTNAME_VARIABLES)[number], string>>;

/**
 * Fills a template with one Service's words and checks that the outcome is a
 * DNS name (RFC 1123; up to 253 characters, labels up to 63). Bad text gives a
 * message without a full stop.
 */
export function renderHostname(template: string, variables: HostnameVariables): Result<string> {
  if (template.length > LONGEST) return fail(`is longer than the ${LONGEST} characters of a DNS name`);
  let unknown: string | undefined;
  const name = template.replace(/\{([^{}]*)\}/g, (whole, word: string) => {
    const variable = HOSTNAME_VARIABLES.find((each) => each === word);
    unknown ??= variable === undefined ? whole : undefined;
    return variable === undefined ? '' : variables[variable];
  });
  if (unknown !== undefined) return fail(`has ${showValue(unknown)}, which is no variable`);
  if (name.length > LONGEST) return fail(`gives a name longer than the ${LONGEST} characters of DNS`);
  const labels = name.split('.');
  const bad = labels.find((label, index) => !isDnsLabel(label) && !(index === 0 && label === '*'));
  if (bad === undefined) return ok(name);
  return fail(
    bad === '' ? 'has an empty part between dots' : `has the part "${showValue(bad)}", which is no DNS label`,
  );
}

const LONGEST = 253;

/** Whether two Services of one cluster can never be given the same name. */
export function isUniqueTemplate(template: string): boolean {
  return template.includes('{name}') && template.includes('{namespace}');
}
