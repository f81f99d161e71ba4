import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTimestamp } from './timestamp.ts';

test('times are read as the language itself reads them', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (each) => {
      assert.deepEqual(parseTimestamp(each.toISOString()), { ok: true, value: each.getTime() });
    }),
  );
});

test('offsets and fractions of a second are read', async (t) => {
  const rows: readonly string[] = [
    '2030-01-31T12:00:00Z',
    '2030-01-31T12:00:00+02:00',
    '2030-01-31T12:00:00-05:30',
    '2030-01-31t12:00:00.5z',
    '2030-01-31T12:00:00.123456789Z',
    '2024-02-29T23:59:59Z',
  ];
  for (const text of rows) {
    await t.test(text, () => {
      assert.deepEqual(parseTimestamp(text), { ok: true, value: new Date(text.toUpperCase()).getTime() });
    });
  }
});

test('what is no time is told apart', async (t) => {
  const rows: readonly [name: string, text: string, message: RegExp][] = [
    ['an empty text', '', /no RFC 3339 time/],
    ['a date alone', '2030-01-31', /no RFC 3339 time/],
    ['a time without offset', '2030-01-31T12:00:00', /no RFC 3339 time/],
    ['a thirteenth month', '2030-13-01T00:00:00Z', /no month 13/],
    ['February 29 of a common year', '2023-02-29T00:00:00Z', /no day 29/],
    ['February 29 of a century', '2100-02-29T00:00:00Z', /no day 29/],
    ['hour 24', '2030-01-01T24:00:00Z', /no such time of day/],
    ['an offset of a day', '2030-01-01T00:00:00+24:00', /no such offset/],
    ['a megabyte', '2'.repeat(1 << 20), /no RFC 3339 time/],
  ];
  for (const [name, text, message] of rows) {
    await t.test(name, () => {
      const read = parseTimestamp(text);
      assert.ok(!read.ok);
      assert.match(read.error, message);
    });
  }
});
