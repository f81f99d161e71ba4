import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import jsonpatch from 'jsonpatch';
import { type ChangeOperation, diffJson } from './json-diff.ts';

const rows: readonly { name: string; before: unknown; after: unknown; change: readonly ChangeOperation[] }[] = [
  { name: 'equal values in different objects change nothing', before: { a: [1] }, after: { a: [1] }, change: [] },
  {
    name: 'a replaced value is tested first',
    before: { a: 1 },
    after: { a: 2 },
    change: [
      { op: 'test', path: '/a', value: 1 },
      { op: 'replace', path: '/a', value: 2 },
    ],
  },
  {
    name: 'a removed key is tested first, an added one is added',
    before: { 'x/y': 1 },
    after: { 'x~y': 1 },
    change: [
      { op: 'test', path: '/x~1y', value: 1 },
      { op: 'remove', path: '/x~1y' },
      { op: 'add', path: '/x~0y', value: 1 },
    ],
  },
  {
    name: 'a shorter list loses its end, from the end',
    before: [1, 2, 3],
    after: [1],
    change: [
      { op: 'test', path: '/2', value: 3 },
      { op: 'remove', path: '/2' },
      { op: 'test', path: '/1', value: 2 },
      { op: 'remove', path: '/1' },
    ],
  },
  {
    name: 'an object that arrives replaces null',
    before: null,
    after: { spec: {} },
    change: [
      { op: 'test', path: '', value: null },
      { op: 'replace', path: '', value: { spec: {} } },
    ],
  },
];

for (const { name, before, after, change } of rows) {
  test(name, () => assert.deepEqual(diffJson(before, after), change));
}

// The library refuses `test` on whole documents with `__proto__` keys; our own handling of such keys is tested below.
const keys = fc.string({ maxLength: 6 }).filter((key) => key !== '__proto__');
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, 1, 'a', 'b/c', ''),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('applying the change to the value before gives the value after', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const change = diffJson({ document: before }, { document: after });
      const applied = jsonpatch.apply_patch({ document: before }, [...change]);
      assert.deepEqual(JSON.parse(JSON.stringify(applied)), JSON.parse(JSON.stringify({ document: after })));
    }),
    { numRuns: 2000 },
  );
});

test('a polluting key is a key like any other', () => {
  const change = diffJson(JSON.parse('{}'), JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.deepEqual(change, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('a value of hostile depth is replaced whole', () => {
  const deep = (leaf: number): unknown => {
    let value: unknown = leaf;
    for (let level = 0; level < 200; level += 1) value = [value];
    return value;
  };
  const change = diffJson(deep(1), deep(2));
  assert.deepEqual(
    change.map(({ op }) => op),
    ['test', 'replace'],
  );
});
