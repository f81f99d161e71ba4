import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSeconds, parseDuration } from './duration.ts';

test('durations are read as Go writes them', async (t) => {
  const rows: readonly [text: string, millis: number][] = [
    ['0', 0],
    ['0s', 0],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1h0m0s', 3_600_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['250ms', 250],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1000000ns', 1],
    ['+5s', 5_000],
    ['8760h', 31_536_000_000],
  ];
  for (const [text, millis] of rows) {
    await t.test(text, () => assert.deepEqual(parseDuration(text), { ok: true, value: millis }));
  }
});

test('what is no duration is told apart', async (t) => {
  const rows: readonly [name: string, text: string, message: RegExp][] = [
    ['an empty text', '', /no duration/],
    ['a number without unit', '90', /needs a unit/],
    ['days', '7d', /hours are the largest/],
    ['a negative one', '-5s', /negative/],
    ['spaces inside', '1h 30m', /no duration/],
    ['spaces around', ' 5s', /no duration/],
    ['a unit without number', 's', /no duration/],
    ['two points', '1..5s', /no duration/],
    ['an unknown unit', '5w', /no duration/],
    ['an ISO 8601 duration', 'PT5M', /no duration/],
    ['a megabyte of digits', '1'.repeat(1 << 20), /too long/],
  ];
  for (const [name, text, message] of rows) {
    await t.test(name, () => {
      const read = parseDuration(text);
      assert.ok(!read.ok);
      assert.match(read.error, message);
    });
  }
});

test('seconds are written so that they are read back', () => {
  fc.assert(
    fc.property(fc.nat({ max: 400 * 24 * 3600 }), (seconds) => {
      assert.deepEqual(parseDuration(formatSeconds(seconds)), { ok: true, value: seconds * 1000 });
    }),
  );
});
