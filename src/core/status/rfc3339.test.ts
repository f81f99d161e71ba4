import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTimestamp } from '../config/timestamp.ts';
import { formatTime } from './rfc3339.ts';

test('a time is written as the platform writes it, in whole seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      const expected = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
      assert.equal(formatTime(seconds * 1000 + 999), expected);
    }),
  );
});

test('a leap day, the end of a century and the last second of a year come out right', () => {
  for (const text of ['2024-02-29T00:00:00Z', '2000-02-29T23:59:59Z', '2100-02-28T12:00:00Z', '1999-12-31T23:59:59Z']) {
    const read = parseTimestamp(text);
    assert.ok(read.ok);
    assert.equal(formatTime(read.value), text);
  }
});
