import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathTo, showValue } from './show.ts';

test('values are shown as one short line', async (t) => {
  const rows: readonly [name: string, value: unknown, shown: string][] = [
    ['plain text stays', '10.0.0.0/24', '10.0.0.0/24'],
    ['an absent value is empty', undefined, ''],
    ['null is empty', null, ''],
    ['a number', 70000, '70000'],
    ['a truth value', false, 'false'],
    ['a list by its brackets', [1, 2, 3], '[…]'],
    ['an empty list', [], '[]'],
    ['an object by its braces', { a: 1 }, '{…}'],
    ['an empty object', {}, '{}'],
    ['a line break', 'a\nb', 'a\\nb'],
    ['a terminal escape', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a zero byte', 'a\u0000b', 'a\\u{0}b'],
    ['a mark that turns text around', 'abc\u202edef', 'abc\\u{202e}def'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['half of a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
    ['letters of other scripts stay', 'größe 東京', 'größe 東京'],
  ];
  for (const [name, value, shown] of rows) {
    await t.test(name, () => assert.equal(showValue(value), shown));
  }
});

test('a megabyte of text is shown in 80 characters', () => {
  const shown = showValue('x'.repeat(1 << 20));
  assert.equal(shown.length, 80);
  assert.ok(shown.endsWith('…'));
});

/** Strings of any UTF-16 code units, halves of surrogate pairs among them. */
const anyCodeUnits = fc.uint16Array({ maxLength: 400 }).map((units) => String.fromCharCode(...units));

test('whatever is shown is short and has no control character', () => {
  fc.assert(
    fc.property(fc.oneof(anyCodeUnits, fc.jsonValue()), (value) => {
      const shown = showValue(value);
      assert.ok(shown.length <= 80);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test('paths name plain words with a dot and other keys in brackets', async (t) => {
  const rows: readonly [name: string, parent: string, key: string, path: string][] = [
    ['a field', 'spec', 'addresses', 'spec.addresses'],
    ['a field at the top', '', 'spec', 'spec'],
    ['a label', 'spec.matchLabels', 'example.com/team', 'spec.matchLabels[example.com/team]'],
    ['a key that pollutes prototypes', 'spec', '__proto__', 'spec[__proto__]'],
    ['a key with a line break', 'spec', 'a\nb', 'spec[a\\nb]'],
    ['an empty key', 'spec', '', 'spec[]'],
  ];
  for (const [name, parent, key, path] of rows) {
    await t.test(name, () => assert.equal(pathTo(parent, key), path));
  }
});
