/**
 * The moment that SOURCE_DATE_EPOCH gives (https://reproducible-builds.org/specs/source-date-epoch/).
 *
 * @throws Error where it isn't a number of seconds.
 */
export function parseSourceDate(text: string): Date {
  if (!/^\d{1,11}$/.test(text)) {
    throw new Error(`Cannot date the release by SOURCE_DATE_EPOCH "${text}": not a number of seconds since 1970`);
  }
  return new Date(Number(text) * 1000);
}
