/** AddressReservation: addresses kept for a namespace or one Service, and the hold-downs that the reconciler writes. */
import type { Millis } from '../time.ts';
import type { Reservation } from './configuration.ts';
import type { Fields } from './fields.ts';
import { readMetadata } from './metadata.ts';
import { isDnsLabel } from './names-syntax.ts';
import { readRanges } from './read-ranges.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';
import { parseTimestamp } from './timestamp.ts';

const FIELDS = ['addresses', 'namespace', 'service', 'expiresAt', 'holdDown', 'contestedBy'];

/** Reads an AddressReservation by itself; undefined where the report gained an error. */
export function readReservation(object: unknown, report: Report): Reservation | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, FIELDS, report);
  const ranges = readRanges(spec, 'addresses', report, { singleAddresses: true });
  if (ranges.length === 0 && report.errors === before) {
    const remedy = 'write at least one address or range, such as 192.0.2.10';
    report.error(spec.pathOf('addresses'), undefined, 'has no addresses', remedy);
  }
  const namespace = readName(spec, 'namespace', report);
  if (!spec.has('namespace')) {
    report.error(
      spec.pathOf('namespace'),
      undefined,
      'is missing',
      'write the namespace that the addresses are kept for',
    );
  }
  const reservation = {
    name: metadata.name,
    ranges,
    service: readName(spec, 'service', report),
    expiresAt: readExpiry(spec, report),
    holdDown: spec.boolean('holdDown', false),
    contestedBy: spec.string('contestedBy'),
  };
  checkHoldDown(reservation, spec, report);
  return report.errors > before || namespace === undefined ? undefined : { ...reservation, namespace };
}

function readName(spec: Fields, key: string, report: Report): string | undefined {
  const name = spec.string(key);
  if (name === undefined || isDnsLabel(name)) return name;
  const message = `is no valid ${key} name`;
  report.error(spec.pathOf(key), name, message, 'write up to 63 lower-case letters, digits and "-"');
  return undefined;
}

function readExpiry(spec: Fields, report: Report): Millis | undefined {
  const text = spec.string('expiresAt');
  if (text === undefined) return undefined;
  const parsed = parseTimestamp(text);
  if (parsed.ok) return parsed.value;
  report.error(spec.pathOf('expiresAt'), text, parsed.error, 'write a time such as 2030-01-31T12:00:00Z');
  return undefined;
}

/** A hold-down without an end would keep an address from everyone, for ever, for nobody. */
function checkHoldDown(
  { holdDown, contestedBy }: Pick<Reservation, 'holdDown' | 'contestedBy'>,
  spec: Fields,
  report: Report,
): void {
  if (!holdDown) {
    if (contestedBy === undefined) return;
    const remedy = 'remove it; to keep addresses from everybody, take them out of their pool';
    report.error(spec.pathOf('contestedBy'), contestedBy, 'has a meaning only in a hold-down', remedy);
    return;
  }
  for (const key of ['service', 'expiresAt'] as const) {
    if (spec.has(key)) continue;
    const remedy = `write ${key}, or remove holdDown for a reservation that you keep yourself`;
    report.error(spec.pathOf(key), undefined, 'is missing, and a hold-down needs it', remedy);
  }
}
