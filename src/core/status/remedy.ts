/** What to do about a pool that doesn't serve: half a sentence, imperative, without a full stop. */
import { ADDRESS_POOL } from '../api/names.ts';
import { list, quote } from './text.ts';

/** `ask for "a" or "b"`, or nothing where there is no such pool. */
export function askFor(alternatives: readonly string[]): readonly string[] {
  if (alternatives.length === 0) return [];
  return [`ask for ${list(alternatives.map(quote), 3, 'or')} in annotation ${ADDRESS_POOL}`];
}

/** The ways out: `a`, `a, or b`, `a, b, or c`. */
export function remedies(...all: readonly (string | readonly string[])[]): string {
  const ways = all.flat();
  return ways.length < 2 ? (ways[0] ?? '') : `${ways.slice(0, -1).join(', ')}, or ${ways[ways.length - 1]}`;
}
