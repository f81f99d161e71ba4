/**
 * The change from one JSON value to another as a JSON Patch (RFC 6902) that
 * carries both sides: each value that is replaced or removed is first named by
 * a `test` operation. Applied to the value before, it gives the value after.
 */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../core/config/fields.ts';

export type ChangeOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Deeper than any Kubernetes object; below it a differing value is replaced whole. */
const DEPTH_LIMIT = 32;

/** The operations that lead from `before` to `after`; empty where they are equal. */
export function diffJson(before: unknown, after: unknown): readonly ChangeOperation[] {
  const operations: ChangeOperation[] = [];
  compare(before, after, '', 0, operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, depth: number, out: ChangeOperation[]): void {
  if (Object.is(before, after)) return;
  if (depth < DEPTH_LIMIT && isJsonObject(before) && isJsonObject(after)) {
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(after, key)) remove(before[key], pointer(path, key), out);
    }
    for (const key of Object.keys(after)) {
      if (Object.hasOwn(before, key)) compare(before[key], after[key], pointer(path, key), depth + 1, out);
      else out.push({ op: 'add', path: pointer(path, key), value: after[key] });
    }
    return;
  }
  if (depth < DEPTH_LIMIT && Array.isArray(before) && Array.isArray(after)) {
    const common = Math.min(before.length, after.length);
    for (let index = 0; index < common; index += 1) {
      compare(before[index], after[index], `${path}/${index}`, depth + 1, out);
    }
    // From the end, so that no index moves under a later operation.
    for (let index = before.length - 1; index >= common; index -= 1) remove(before[index], `${path}/${index}`, out);
    for (let index = common; index < after.length; index += 1) {
      out.push({ op: 'add', path: `${path}/${index}`, value: after[index] });
    }
    return;
  }
  if (isDeepStrictEqual(before, after)) return;
  out.push({ op: 'test', path, value: before }, { op: 'replace', path, value: after });
}

function remove(value: unknown, path: string, out: ChangeOperation[]): void {
  out.push({ op: 'test', path, value }, { op: 'remove', path });
}

function pointer(path: string, key: string): string {
  return `${path}/${escapePointer(key)}`;
}

/** One reference token of a JSON Pointer (RFC 6901, section 3). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
