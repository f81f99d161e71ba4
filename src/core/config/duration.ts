/** Durations as Kubernetes writes them: Go's `time.ParseDuration`, such as `1h30m`, `90s`, `1.5h`. */
import { fail, ok, type Result } from '../result.ts';
import type { Millis } from '../time.ts';

const MILLIS_OF_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek letter mu
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
const LONGEST_TEXT = 64;

/**
 * Reads a duration that isn't negative, in milliseconds (fractions kept). Bad
 * text gives a message that says what is wrong, without a full stop.
 */
export function parseDuration(text: string): Result<Millis> {
  if (text.length > LONGEST_TEXT) return fail('too long for a duration');
  if (text.startsWith('-')) return fail('a negative duration has no meaning here');
  const unsigned = text.startsWith('+') ? text.slice(1) : text;
  // Go reads a bare zero; every other number needs a unit.
  if (unsigned === '0') return ok(0);
  if (/^\d+(\.\d+)?$/.test(unsigned)) return fail('a duration needs a unit');
  if (/\dd/.test(unsigned)) return fail('days are no unit of a duration; hours are the largest');
  return sumParts(unsigned);
}

function sumParts(text: string): Result<Millis> {
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length || text === '') {
    const part = PART.exec(text);
    if (part === null) return fail('is no duration');
    total += Number(part[1]) * (MILLIS_OF_UNIT[part[2] ?? ''] ?? 0);
  }
  return ok(total);
}

/** Writes whole seconds the short way: `1h30m`, `45s`, `0s`. */
export function formatSeconds(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    seconds % 60 > 0 ? `${seconds % 60}s` : '',
  ];
  return parts.join('') || '0s';
}
