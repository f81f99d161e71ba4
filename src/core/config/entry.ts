/** One object on its way into the configuration, with what is wrong with it so far. */
import { ownField } from './fields.ts';
import type { ConfigKind } from './kinds.ts';
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
  return inOrderOfAge(objects, options.admitting).map(({ object, name: written }) => {
    const name = showValue(written);
    const { value, report } = readOnce(object, read);
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

type Read<T> = (object: unknown, report: Report) => T | undefined;

/** By parser, then by object. */
const alreadyRead = new WeakMap<Read<unknown>, WeakMap<object, { readonly value: unknown; readonly report: Report }>>();

/**
 * Objects are never changed in place, so what a parser made of one stays true:
 * a rebuild reads only what is new. Of 10,000 objects one event changes one.
 */
function readOnce<T>(object: unknown, read: Read<T>): { readonly value: T | undefined; readonly report: Report } {
  if (typeof object !== 'object' || object === null) return readNow(object, read);
  const ofParser = alreadyRead.get(read) ?? new WeakMap();
  alreadyRead.set(read, ofParser);
  const known = ofParser.get(object) ?? readNow(object, read);
  ofParser.set(object, known);
  return { value: known.value as T | undefined, report: known.report.copy() };
}

function readNow<T>(object: unknown, read: Read<T>): { readonly value: T | undefined; readonly report: Report } {
  const report = new Report();
  return { value: read(object, report), report };
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

function inOrderOfAge(
  objects: readonly unknown[],
  admitting: string | undefined,
): readonly { readonly object: unknown; readonly name: string }[] {
  return objects
    .map((object) => {
      const metadata = ownField(object, 'metadata');
      const [name, createdAt] = [textField(metadata, 'name'), textField(metadata, 'creationTimestamp')];
      // Not created yet counts as youngest; RFC 3339 in UTC sorts as text.
      return { object, name, age: name === admitting ? 'z' : createdAt || 'y' };
    })
    .sort((a, b) => compareText(a.age, b.age) || compareText(a.name, b.name));
}

function textField(value: unknown, key: string): string {
  const text = ownField(value, key);
  return typeof text === 'string' ? text : '';
}
