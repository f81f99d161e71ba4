/** What admission holds against one object: its own faults, and what it would break in others. */
import type { KubeObject } from '../api/kubernetes.ts';
import type { Millis } from '../time.ts';
import { assemble } from './build.ts';
import type { Configuration } from './configuration.ts';
import { entryKey } from './entry.ts';
import { type ConfigKind, RAW_LIST } from './kinds.ts';
import { readMetadata } from './metadata.ts';
import type { Problem } from './problem.ts';
import type { RawConfiguration } from './raw-configuration.ts';
import { showValue } from './show.ts';

/**
 * Problems of an object that is about to be created or changed, held against
 * the others. An object of the same kind and name among the others is its own
 * past: it is left out, and only tells which faults of others are new.
 * Errors are reasons to refuse, warnings are advice. Total on any JSON.
 *
 * @param now Where given, a reservation that has ended already is warned of.
 */
export function validateObject(
  kind: ConfigKind,
  object: KubeObject,
  others: RawConfiguration,
  now?: Millis,
): readonly Problem[] {
  const name = readMetadata(object).name;
  const before = assemble(others, { strict: true });
  const after = assemble(withObject(others, kind, name, [object]), { strict: true, admitting: { kind, name } });
  const key = entryKey(kind, showValue(name));
  const own = after.problems.get(key) ?? [];
  return [...own, ...brokenOthers(before, after, key), ...expiry(kind, name, after, now), ...limitsOf(kind)];
}

/** Errors that other objects would get by the deletion of this one, as problems of the deletion. */
export function validateDeletion(kind: ConfigKind, name: string, others: RawConfiguration): readonly Problem[] {
  const before = assemble(others, { strict: true });
  const after = assemble(withObject(others, kind, name, []), { strict: true });
  return brokenOthers(before, after, entryKey(kind, showValue(name)));
}

/** The others, with this object in place of the one of its kind and name. */
function withObject(
  others: RawConfiguration,
  kind: ConfigKind,
  name: string,
  objects: readonly KubeObject[],
): RawConfiguration {
  const list = RAW_LIST[kind];
  return { ...others, [list]: [...others[list].filter((each) => readMetadata(each).name !== name), ...objects] };
}

function brokenOthers(before: Configuration, after: Configuration, own: string): readonly Problem[] {
  const broken: Problem[] = [];
  for (const [key, problems] of after.problems) {
    if (key === own) continue;
    const known = new Set((before.problems.get(key) ?? []).filter(isError).map(textOf));
    for (const problem of problems) {
      if (!isError(problem) || known.has(textOf(problem))) continue;
      const message = `would break ${key.replace('/', ' "')}": ${problem.path} ${problem.value} ${problem.message}`;
      broken.push({ severity: 'error', path: 'spec', value: '', message, remedy: problem.remedy });
    }
  }
  return broken;
}

/** What an author must know before relying on a kind that this release only checks and keeps. */
function limitsOf(kind: ConfigKind): readonly Problem[] {
  if (kind !== 'BGPPeer' && kind !== 'BGPAdvertisement') return [];
  const message = 'has no effect in this release, which speaks no BGP';
  const remedy = 'keep it for later, and announce the pools by an L2Advertisement';
  return [{ severity: 'warning', path: 'spec', value: '', message, remedy }];
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}

function textOf(problem: Problem): string {
  return `${problem.path}\n${problem.value}\n${problem.message}`;
}

function expiry(kind: ConfigKind, name: string, after: Configuration, now: Millis | undefined): readonly Problem[] {
  if (kind !== 'AddressReservation' || now === undefined) return [];
  const expiresAt = after.reservations.find((reservation) => reservation.name === name)?.expiresAt;
  if (expiresAt === undefined || expiresAt > now) return [];
  const message = 'lies in the past, so nothing is kept';
  return [
    {
      severity: 'warning',
      path: 'spec.expiresAt',
      value: '',
      message,
      remedy: 'write a time to come, or leave expiresAt out',
    },
  ];
}
