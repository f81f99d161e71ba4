import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DelayLine } from './delay-line.ts';

function drain<T>(line: DelayLine<T>, now: number): T[] {
  const taken: T[] = [];
  for (let item = line.take(now); item !== undefined; item = line.take(now)) taken.push(item);
  return taken;
}

test('without jitter, items come out in order, none before its delay', () => {
  const line = new DelayLine<number>({ delayMs: 50, jitterMs: 0, duplicatePercent: 0 }, () => 0.5);
  for (let i = 0; i < 100; i++) line.add(i, i);
  assert.deepEqual(drain(line, 49), []);
  assert.deepEqual(drain(line, 59), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(line.nextDue, 60);
  assert.equal(drain(line, 1000).length, 90);
  assert.equal(line.nextDue, undefined);
});

test('a duplicate comes out twice', () => {
  const line = new DelayLine<string>({ delayMs: 0, jitterMs: 0, duplicatePercent: 100 }, () => 0.5);
  line.add('a', 0);
  assert.deepEqual(drain(line, 0), ['a', 'a']);
});

test('whatever chance says, all items come out, each when it is due', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ now: fc.nat(100), chance: fc.double({ min: 0, max: 0.999, noNaN: true }) })),
      (adds) => {
        let chance = 0;
        const line = new DelayLine<number>({ delayMs: 10, jitterMs: 100, duplicatePercent: 0 }, () => chance);
        const due = adds.map((add, i) => {
          chance = add.chance;
          line.add(i, add.now);
          return add.now + 10 + add.chance * 100;
        });
        const order = [...due.keys()].sort((a, b) => due[a]! - due[b]! || a - b);
        assert.deepEqual(drain(line, 1000), order);
      },
    ),
  );
});
