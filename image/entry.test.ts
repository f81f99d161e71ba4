import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, inTreeOrder, textFile } from './entry.ts';

const paths = (entries: readonly Entry[]) => inTreeOrder(entries).map(({ path }) => path);

test('a directory comes before what it holds, also where a name sorts between them', () => {
  // "a-b" sorts before "a/b" as text, since "-" is less than "/".
  assert.deepEqual(paths([textFile('a-b', ''), textFile('a/b', '')]), ['a', 'a/b', 'a-b']);
});

test('missing parents are added, given ones keep their mode', () => {
  const given: Entry = { kind: 'directory', path: 'tmp', mode: 0o1777 };
  assert.deepEqual(inTreeOrder([textFile('tmp/x/y', ''), given]).slice(0, 2), [
    given,
    { kind: 'directory', path: 'tmp/x', mode: 0o755 },
  ]);
});

for (const { what, entries, message } of [
  { what: 'an absolute path', entries: ['/etc/passwd'], message: /"\/etc\/passwd".*must be relative/ },
  { what: 'a path out of the root', entries: ['a/../../b'], message: /"a\/..\/..\/b".*without/ },
  { what: 'the same path twice', entries: ['a', 'a'], message: /"a".*given twice/ },
  { what: 'a file below a file', entries: ['a', 'a/b'], message: /"a\/b".*"a" is a file/ },
]) {
  test(`refused: ${what}`, () => {
    assert.throws(() => inTreeOrder(entries.map((path) => textFile(path, ''))), message);
  });
}
