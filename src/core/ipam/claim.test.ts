import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim } from '../../../test/support/ledger.ts';
import { compareAge } from './claim.ts';

test('the elder is the one created first, then the one whose key comes first', () => {
  const unborn = claim('a/new', [], { createdAt: '' });
  const young = claim('a/young', [], { createdAt: '2026-02-01T00:00:00Z' });
  const old = claim('b/old', [], { createdAt: '2026-01-01T00:00:00Z' });
  const twin = claim('a/twin', [], { createdAt: '2026-01-01T00:00:00Z' });
  assert.deepEqual([unborn, young, old, twin].sort(compareAge), [twin, old, young, unborn]);
  assert.equal(compareAge(old, { ...old }), 0);
});
