import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDnsLabel, isLabelKey, isLabelValue, isObjectName } from './names-syntax.ts';

test('names and labels follow the grammars of Kubernetes', async (t) => {
  const rows: readonly [
    name: string,
    check: (text: string) => boolean,
    good: readonly string[],
    bad: readonly string[],
  ][] = [
    [
      'label values',
      isLabelValue,
      ['', 'a', 'A-b_c.9', 'x'.repeat(63)],
      ['-a', 'a-', 'a b', 'x'.repeat(64), 'ä', 'a\n'],
    ],
    ['label keys', isLabelKey, ['app', 'a.b/c', 'example.com/team-a', 'A_b'], ['', '/a', 'a/', 'a/b/c', 'A.b/c', '-x']],
    ['namespaces', isDnsLabel, ['team-a', '9'], ['', 'Team', 'a.b', '-a', 'a-', 'x'.repeat(64)]],
    [
      'objects',
      isObjectName,
      ['edge', 'edge.v2', '1', 'x'.repeat(253)],
      ['', 'Edge', 'a..b', '.a', 'a_b', 'x'.repeat(254)],
    ],
  ];
  for (const [name, check, good, bad] of rows) {
    await t.test(name, () => {
      for (const text of good) assert.equal(check(text), true, JSON.stringify(text));
      for (const text of bad) assert.equal(check(text), false, JSON.stringify(text));
    });
  }
});
