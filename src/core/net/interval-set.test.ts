import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IntervalSet } from './interval-set.ts';

function setOf(...intervals: readonly (readonly [first: bigint, last: bigint])[]): IntervalSet {
  const set = new IntervalSet();
  for (const [first, last] of intervals) set.add(first, last);
  return set;
}

function written(set: IntervalSet): string {
  return [...set.intervals()].map(({ first, last }) => `${first}-${last}`).join(' ');
}

test('numbers join into intervals and are cut out of them', async (t) => {
  const rows: readonly [name: string, change: (set: IntervalSet) => bigint, intervals: string, changed: bigint][] = [
    ['adding between two intervals joins neither', (set) => set.add(20n), '10-15 20-20 30-35', 1n],
    ['adding the number after an interval makes it longer', (set) => set.add(16n), '10-16 30-35', 1n],
    ['adding the number before an interval makes it longer', (set) => set.add(29n), '10-15 29-35', 1n],
    ['filling the gap makes one interval', (set) => set.add(16n, 29n), '10-35', 14n],
    ['adding what is there changes nothing', (set) => set.add(11n, 14n), '10-15 30-35', 0n],
    ['adding around everything swallows it', (set) => set.add(0n, 99n), '0-99', 88n],
    ['adding over one end counts only what is new', (set) => set.add(14n, 17n), '10-17 30-35', 2n],
    ['adding an empty interval changes nothing', (set) => set.add(5n, 4n), '10-15 30-35', 0n],
    ['removing the lowest number shortens', (set) => set.remove(10n), '11-15 30-35', 1n],
    ['removing the highest number shortens', (set) => set.remove(15n), '10-14 30-35', 1n],
    ['removing from the middle leaves two', (set) => set.remove(12n, 13n), '10-11 14-15 30-35', 2n],
    ['removing across the gap counts what was there', (set) => set.remove(14n, 31n), '10-13 32-35', 4n],
    ['removing a whole interval', (set) => set.remove(10n, 15n), '30-35', 6n],
    ['removing everything', (set) => set.remove(0n, 99n), '', 12n],
    ['removing what is absent changes nothing', (set) => set.remove(16n, 29n), '10-15 30-35', 0n],
  ];
  for (const [name, change, intervals, changed] of rows) {
    await t.test(name, () => {
      const set = setOf([10n, 15n], [30n, 35n]);
      assert.equal(change(set), changed);
      assert.equal(written(set), intervals);
    });
  }
});

test('the next member is found from anywhere', () => {
  const set = setOf([10n, 15n], [30n, 30n]);
  const asked = [0n, 10n, 12n, 15n, 16n, 30n, 31n];
  assert.deepEqual(
    asked.map((value) => set.firstAtOrAfter(value)),
    [10n, 10n, 12n, 15n, 30n, 30n, undefined],
  );
  assert.equal(set.first(), 10n);
  assert.equal(new IntervalSet().first(), undefined);
});

test('intervals are cut to the window asked for', () => {
  const set = setOf([10n, 15n], [20n, 25n], [30n, 35n]);
  assert.deepEqual(
    [...set.intervals(14n, 21n)],
    [
      { first: 14n, last: 15n },
      { first: 20n, last: 21n },
    ],
  );
  assert.deepEqual([...set.intervals(16n, 19n)], []);
});

test('a set of intervals behaves as a set of numbers', () => {
  const limit = 40;
  const step = fc.record({
    add: fc.boolean(),
    first: fc.integer({ min: 0, max: limit }),
    length: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const set = new IntervalSet();
      const model = new Set<number>();
      for (const { add, first, length } of steps) {
        const numbers = Array.from({ length }, (_, index) => first + index);
        const before = model.size;
        for (const number of numbers) add ? model.add(number) : model.delete(number);
        const last = BigInt(first + length - 1);
        const changed = add ? set.add(BigInt(first), last) : set.remove(BigInt(first), last);
        assert.equal(changed, BigInt(Math.abs(model.size - before)));
        assert.equal(set.size, BigInt(model.size));
      }
      const members = [...model].sort((a, b) => a - b);
      for (let value = 0; value <= limit + 13; value++) {
        assert.equal(set.has(BigInt(value)), model.has(value));
        const next = members.find((member) => member >= value);
        assert.equal(set.firstAtOrAfter(BigInt(value)), next === undefined ? undefined : BigInt(next));
      }
      // Disjoint, in order, and never two that touch.
      const intervals = [...set.intervals()];
      intervals.forEach((interval, index) => {
        const next = intervals[index + 1];
        if (next !== undefined) assert.ok(interval.last + 1n < next.first);
      });
      assert.equal(set.intervalCount, intervals.length);
    }),
    { numRuns: 300 },
  );
});
