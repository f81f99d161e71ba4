/** One object on its way into the configuration, with what is wrong with it so far. */
import type { ConfigKind } from './kinds.ts';
import { readMetadata } from './metadata.ts';
import { Report } from './report.ts';
import { showValue } from './show.ts';

export interface Entry<T> {
  readonly kind: ConfigKind;
  readonly name: string;
  /** Undefined where the object by itself is in error. */
  readonly value: T | undefined;
  readonly report: Report;
  /** Reports what two objects dispute: an error where the one at hand is being admitted, a warning where both already run. */
  dispute(path: string, value: unknown, message: string, remedy: string): void;
}

export interface ReadOptions {
  /** True at admission: a dispute is refused. False at run time: what works must go on working. */
  readonly strict: boolean;
  /** Name of the object that is being admitted; it is the youngest whatever its age. */
  readonly admitting: string | undefined;
}

/** `Kind/name`, as problems are keyed. */
export function entryKey(kind: ConfigKind, name: string): string {
  return `${kind}/${name}`;
}

/** Reads all objects of a kind, elder ones first (then by name): of two that dispute, the elder stands. */
export function readAll<T>(
  kind: ConfigKind,
  objects: readonly unknown[],
  options: ReadOptions,
  read: (object: unknown, report: Report) => T | undefined,
): readonly Entry<T>[] {
  const names = new Set<string>();
  return inOrderOfAge(objects, options.admitting).map((object) => {
    const name = showValue(readMetadata(object).name);
    const report = new Report();
    const value = read(object, report);
    if (names.has(name))
      report.error('metadata.name', name, `is the name of another ${kind} too`, 'choose another name');
    names.add(name);
    return {
      kind,
      name,
      value,
      report,
      dispute(path, disputed, message, remedy) {
        if (options.strict) report.error(path, disputed, message, remedy);
        else report.warn(path, disputed, message, remedy);
      },
    };
  });
}

/** The entries that are in no error so far, with their values. */
export function standing<T>(entries: readonly Entry<T>[]): readonly (Entry<T> & { readonly value: T })[] {
  return entries.filter(
    (entry): entry is Entry<T> & { readonly value: T } => entry.value !== undefined && entry.report.errors === 0,
  );
}

/** The values that stand, by name. */
export function settled<T extends { readonly name: string }>(entries: readonly Entry<T>[]): readonly T[] {
  return standing(entries)
    .map((entry) => entry.value)
    .sort((a, b) => compareText(a.name, b.name));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inOrderOfAge(objects: readonly unknown[], admitting: string | undefined): readonly unknown[] {
  // Not created yet counts as youngest; RFC 3339 in UTC sorts as text.
  const sortKey = (object: unknown): string => {
    const { name, createdAt } = readMetadata(object);
    return `${name === admitting ? 'z' : createdAt || 'y'} ${name}`;
  };
  return objects
    .map((object) => ({ object, key: sortKey(object) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ object }) => object);
}
