/** Points in time as Kubernetes writes them: RFC 3339, section 5.6. */
import { fail, ok, type Result } from '../result.ts';
import type { Millis } from '../time.ts';

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the Unix epoch. Bad text gives a message that says what is wrong, without a full stop. */
export function parseTimestamp(text: string): Result<Millis> {
  const shape = text.length > 40 ? null : SHAPE.exec(text);
  if (shape === null) return fail('is no RFC 3339 time');
  const [year, month, day, hour, minute, second] = shape.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12) return fail(`there is no month ${month}`);
  if (day < 1 || day > daysIn(year, month)) return fail(`there is no day ${day} in that month`);
  if (hour > 23 || minute > 59 || second > 59) return fail('there is no such time of day');
  const offset = offsetMinutes(shape[8] ?? 'Z');
  if (offset === undefined) return fail('there is no such offset from UTC');
  const seconds = (daysSinceEpoch(year, month, day) * 24 + hour) * 3600 + (minute - offset) * 60 + second;
  return ok(seconds * 1000 + Math.floor(Number(shape[7] ?? 0) * 1000));
}

function offsetMinutes(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (LENGTHS[month - 1] ?? 0);
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysSinceEpoch(year: number, month: number, day: number): number {
  const leapDays = (before: number): number =>
    Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  let days = (year - 1970) * 365 + leapDays(year - 1) - leapDays(1969) + day - 1;
  for (let each = 1; each < month; each += 1) days += daysIn(year, each);
  return days;
}
