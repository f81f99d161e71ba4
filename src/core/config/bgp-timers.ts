/** Hold, keepalive and connect-retry times of a BGP session (RFC 4271, sections 4.2, 4.4 and 10). */
import type { Fields } from './fields.ts';
import { readSeconds } from './read-duration.ts';
import type { Report } from './report.ts';

export interface BgpTimers {
  /** Proposed hold time; undefined: the engine's default. 0 turns keepalives off. */
  readonly holdTimeSeconds: number | undefined;
  readonly keepaliveTimeSeconds: number | undefined;
  /** Pause between attempts to connect; undefined: the engine's default. */
  readonly connectTimeSeconds: number | undefined;
}

/** What the two octets of an OPEN message hold. */
const MOST_SECONDS = 65_535;

/** Reads the timers; where only one of hold and keepalive is given, the other follows as 3 to 1. */
export function readTimers(spec: Fields, report: Report): BgpTimers {
  const hold = readSeconds(spec, 'holdTime', MOST_SECONDS, report);
  const keepalive = readKeepalive(spec, hold, report);
  const holdTimeSeconds = hold ?? (keepalive === undefined ? undefined : Math.min(3 * keepalive, MOST_SECONDS));
  const keepaliveTimeSeconds = keepalive ?? (hold === undefined ? undefined : Math.floor(hold / 3));
  checkPair(spec, holdTimeSeconds, keepaliveTimeSeconds, report);
  return { holdTimeSeconds, keepaliveTimeSeconds, connectTimeSeconds: readConnectTime(spec, report) };
}

/**
 * Beside a hold time, 0 would end every session. It is what Go writes for "not
 * given" (objects of v1beta1 hold it), so it is read so.
 */
function readKeepalive(spec: Fields, hold: number | undefined, report: Report): number | undefined {
  const keepalive = readSeconds(spec, 'keepaliveTime', MOST_SECONDS, report);
  if (keepalive !== 0 || hold === undefined || hold === 0) return keepalive;
  const message = 'is 0 beside a holdTime, and is taken as not given: a third of the holdTime';
  report.warn(spec.pathOf('keepaliveTime'), spec.raw('keepaliveTime'), message, 'leave keepaliveTime out');
  return undefined;
}

function checkPair(spec: Fields, hold: number | undefined, keepalive: number | undefined, report: Report): void {
  if (hold === undefined || keepalive === undefined) return;
  if (hold > 0 && hold < 3) {
    const message = 'is shorter than the 3 seconds that BGP allows (RFC 4271, 4.2)';
    report.error(spec.pathOf('holdTime'), spec.raw('holdTime'), message, 'write 0s, or 3s and more');
    return;
  }
  const path = spec.pathOf('keepaliveTime');
  const value = spec.raw('keepaliveTime');
  const remedy = 'write a third of the holdTime, or leave keepaliveTime out';
  if (keepalive > hold) report.error(path, value, `is longer than the holdTime of ${hold}s`, remedy);
  else if (keepalive === hold && hold > 0) {
    report.warn(path, value, 'is as long as the holdTime, so one late keepalive ends the session', remedy);
  }
}

function readConnectTime(spec: Fields, report: Report): number | undefined {
  const seconds = readSeconds(spec, 'connectTime', MOST_SECONDS, report);
  if (seconds !== 0) return seconds;
  const path = spec.pathOf('connectTime');
  report.error(
    path,
    spec.raw('connectTime'),
    'must be from 1s to 65535s',
    'write 1s or more, or leave connectTime out',
  );
  return undefined;
}
