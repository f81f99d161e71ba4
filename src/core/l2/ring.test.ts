import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ringOf, WATCHERS, watchedBy, watchersOf } from './ring.ts';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 30 });

test('ring: each node is watched by three others, or by all where there are fewer, and never by itself', () => {
  fc.assert(
    fc.property(names, (all) => {
      const ring = ringOf(all);
      for (const node of all) {
        const watchers = watchersOf(ring, node);
        assert.equal(watchers.length, Math.min(WATCHERS, all.length - 1));
        assert.equal(new Set(watchers).size, watchers.length);
        assert.ok(!watchers.includes(node));
        for (const watcher of watchers) assert.ok(watchedBy(ring, watcher).includes(node));
      }
    }),
  );
});

test('ring: it is the same whatever order the names come in, and a stranger is watched by nobody', () => {
  fc.assert(
    fc.property(names, (all) => {
      assert.deepEqual(ringOf([...all].reverse()), ringOf(all));
      assert.deepEqual(watchersOf(ringOf(all), 'UPPER'), []);
    }),
  );
});
