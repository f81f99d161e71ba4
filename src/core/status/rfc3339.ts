/** Points in time as Kubernetes writes them: RFC 3339 in UTC, whole seconds. */
import type { Millis } from '../time.ts';

const DAY = 86_400;

/** `2026-07-19T11:42:17Z`; for times from 1970 on. */
export function formatTime(time: Millis): string {
  const seconds = Math.floor(time / 1000);
  const days = Math.floor(seconds / DAY);
  const rest = seconds - days * DAY;
  const { year, month, day } = civil(days);
  const clock = [rest / 3600, (rest % 3600) / 60, rest % 60].map((part) => pad(Math.floor(part))).join(':');
  return `${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}T${clock}Z`;
}

/**
 * The date of a day since the epoch, by counting in years that begin on the
 * first of March, so that the leap day is the last one of its year.
 */
function civil(daysSinceEpoch: number): { readonly year: number; readonly month: number; readonly day: number } {
  const days = daysSinceEpoch + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
