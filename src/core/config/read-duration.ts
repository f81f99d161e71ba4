/** Fields that hold a duration. */
import type { Millis } from '../time.ts';
import { formatSeconds, parseDuration } from './duration.ts';
import type { Fields } from './fields.ts';
import { splitRemedy } from './remedy.ts';
import type { Report } from './report.ts';

const EXAMPLE = 'write a duration such as 90s or 1h30m';

/** Milliseconds; undefined where absent or faulty. */
export function readDuration(fields: Fields, key: string, mostSeconds: number, report: Report): Millis | undefined {
  const text = fields.string(key);
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    const { message, remedy } = splitRemedy(parsed.error, EXAMPLE);
    report.error(fields.pathOf(key), text, message, remedy);
    return undefined;
  }
  if (parsed.value <= mostSeconds * 1000) return parsed.value;
  const most = formatSeconds(mostSeconds);
  report.error(fields.pathOf(key), text, `must be at most ${most}`, `write a duration of at most ${most}`);
  return undefined;
}

/** Whole seconds; a fraction is dropped with a warning, as protocols that count seconds can't carry it. */
export function readSeconds(fields: Fields, key: string, mostSeconds: number, report: Report): number | undefined {
  const millis = readDuration(fields, key, mostSeconds, report);
  if (millis === undefined) return undefined;
  const seconds = Math.floor(millis / 1000);
  if (seconds * 1000 !== millis) {
    const message = `has a part of a second that the protocol can't carry; ${seconds}s is taken`;
    report.warn(fields.pathOf(key), fields.raw(key), message, `write ${seconds}s`);
  }
  return seconds;
}
