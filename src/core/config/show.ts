/** Strangers' values made fit for a terminal, a log line and a condition. */

const LIMIT = 80;

/** Controls, line separators, marks that reorder or hide text, and halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A value as one short line: at most 80 characters, with control and other
 * invisible characters escaped. Of lists and objects only the
 * brackets are shown; an absent value is ''.
 */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '[…]';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '{}' : '{…}';
  return shorten(escapeUnsafe(typeof value === 'string' ? value.slice(0, 4 * LIMIT) : String(value)));
}

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

function shorten(text: string): string {
  if (text.length <= LIMIT) return text;
  // Cut between characters, so that no half of a surrogate pair is left.
  const cut = text.slice(0, LIMIT - 1);
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `parent.key`, or `parent[key]` where the key isn't a plain word (annotations, labels, strangers' fields). */
export function pathTo(parent: string, key: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]{0,62}$/.test(key)) return `${parent}[${showValue(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
}
