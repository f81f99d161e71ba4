/**
 * Typed reading of an object that anyone may have written. Own fields only (a
 * key such as `__proto__` reads nothing inherited); `null` and `""` count as
 * absent, as Kubernetes' own types read them; a wrong type is reported and
 * reads as absent.
 */
import type { Report } from './report.ts';
import { pathTo } from './show.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field of whatever it is; undefined for what is no object or lacks it. */
export function ownField(value: unknown, key: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export class Fields {
  readonly path: string;
  readonly #object: JsonObject;
  readonly #report: Report;

  constructor(object: JsonObject, path: string, report: Report) {
    this.#object = object;
    this.path = path;
    this.#report = report;
  }

  pathOf(key: string): string {
    return pathTo(this.path, key);
  }

  /** The raw value; undefined where it is absent, null or an empty string. */
  raw(key: string): unknown {
    const value = Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
    return value === null || value === '' ? undefined : value;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  string(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'string') return value;
    this.#wrongType(key, value, 'a string', 'write the value as text, in quotes');
    return undefined;
  }

  boolean(key: string, absent: boolean): boolean {
    const value = this.raw(key);
    if (value === undefined) return absent;
    if (typeof value === 'boolean') return value;
    this.#wrongType(key, value, 'true or false', 'write true or false without quotes');
    return absent;
  }

  /** A whole number within bounds, both included; undefined where absent or faulty. */
  integer(key: string, least: number, most: number): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const wanted = `a whole number from ${least} to ${most}`;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      this.#wrongType(key, value, wanted, 'write a number in these bounds, without quotes');
      return undefined;
    }
    if (value < least || value > most) {
      this.#report.error(this.pathOf(key), value, `must be ${wanted}`, 'write a number in these bounds');
      return undefined;
    }
    return value;
  }

  /** One of a closed set of words; undefined where absent or faulty. */
  word<const Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const value = this.string(key);
    const known = words.find((word) => word === value);
    if (value !== undefined && known === undefined) {
      this.#report.error(
        this.pathOf(key),
        value,
        `must be one of ${words.join(', ')}`,
        'write one of these words as spelled here',
      );
    }
    return known;
  }

  /** The elements of a list with their paths; empty where absent or no list. */
  list(key: string): readonly { readonly value: unknown; readonly path: string }[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#wrongType(key, value, 'a list', 'write a list');
      return [];
    }
    return value.map((each: unknown, index) => ({ value: each, path: `${this.pathOf(key)}[${index}]` }));
  }

  /** A list of non-empty strings without duplicates; faulty elements are reported and left out. */
  strings(key: string): readonly string[] {
    const found = new Set<string>();
    for (const { value, path } of this.list(key)) {
      if (typeof value !== 'string' || value === '') {
        this.#report.error(path, value, 'must be a non-empty string', 'write a name, or remove the element');
      } else if (found.has(value)) {
        this.#report.error(path, value, 'is in the list twice', 'remove one of the two');
      } else {
        found.add(value);
      }
    }
    return [...found];
  }

  object(key: string): Fields | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (isJsonObject(value)) return new Fields(value, this.pathOf(key), this.#report);
    this.#wrongType(key, value, 'an object', 'write an object with fields');
    return undefined;
  }

  /** The elements of a list of objects; others are reported and left out. */
  objects(key: string): readonly Fields[] {
    return this.list(key).flatMap(({ value, path }) => {
      if (isJsonObject(value)) return [new Fields(value, path, this.#report)];
      this.#report.error(path, value, 'must be an object', 'write an object with fields');
      return [];
    });
  }

  /** Own keys, in the order written. */
  keys(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** Warns of every field that the kind doesn't have; the apiserver drops those without a word. */
  warnUnknown(known: readonly string[]): void {
    for (const key of this.keys()) {
      if (known.includes(key)) continue;
      this.#report.warn(
        this.pathOf(key),
        this.#object[key],
        'is no field of this kind and has no effect',
        `remove it, or use one of ${known.join(', ')}`,
      );
    }
  }

  #wrongType(key: string, value: unknown, wanted: string, remedy: string): void {
    this.#report.error(this.pathOf(key), value, `must be ${wanted}`, remedy);
  }
}
