import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from './address.ts';
import { higher, lower } from './bounds.ts';
import { compareRanges, formatRange, parseRange, rangeContains, rangeSize, rangesOverlap } from './range.ts';

test('ranges are read as a prefix or as a span', async (t) => {
  const rows: readonly [name: string, text: string, canonical: string, size: bigint, notation: string][] = [
    ['an IPv4 prefix', '10.0.0.0/24', '10.0.0.0/24', 256n, 'prefix'],
    ['one IPv4 address', '10.0.0.7/32', '10.0.0.7/32', 1n, 'prefix'],
    ['an IPv6 prefix that no list could hold', '2001:db8::/48', '2001:db8::/48', 1n << 80n, 'prefix'],
    ['one IPv6 address', '2001:DB8::1/128', '2001:db8::1/128', 1n, 'prefix'],
    ['all of IPv4', '0.0.0.0/0', '0.0.0.0/0', 1n << 32n, 'prefix'],
    ['a span', '10.0.0.10-10.0.0.20', '10.0.0.10-10.0.0.20', 11n, 'span'],
    ['a span with spaces', '  10.0.0.10 -  10.0.0.20 ', '10.0.0.10-10.0.0.20', 11n, 'span'],
    ['a span of one address', '10.0.0.10-10.0.0.10', '10.0.0.10/32', 1n, 'span'],
    ['a span that is a prefix', '10.0.0.0-10.0.0.255', '10.0.0.0/24', 256n, 'span'],
    ['a span of a prefix size off its boundary', '10.0.0.1-10.0.0.4', '10.0.0.1-10.0.0.4', 4n, 'span'],
    ['an IPv6 span', 'fc00::1-fc00::ff', 'fc00::1-fc00::ff', 255n, 'span'],
  ];
  for (const [name, text, canonical, size, notation] of rows) {
    await t.test(name, () => {
      const read = parseRange(text);
      assert.ok(read.ok);
      assert.equal(formatRange(read.value.range), canonical);
      assert.equal(rangeSize(read.value.range), size);
      assert.equal(read.value.notation, notation);
      assert.deepEqual(read.value.warnings, []);
    });
  }
});

test('host bits are taken as their network, with a warning that names it', () => {
  const read = parseRange('10.0.0.7/30');
  assert.ok(read.ok);
  assert.equal(formatRange(read.value.range), '10.0.0.4/30');
  assert.equal(read.value.warnings.length, 1);
  assert.match(read.value.warnings[0] ?? '', /10\.0\.0\.4\/30/);
});

test('text that is no range is refused with what is wrong', async (t) => {
  const rows: readonly [name: string, text: string, message: RegExp][] = [
    ['nothing', '', /empty/],
    ['only spaces', '   ', /empty/],
    ['an IPv4 address without a length', '10.0.0.7', /write 10\.0\.0\.7\/32 /],
    ['an IPv6 address without a length', '2001:DB8::7', /write 2001:db8::7\/128 /],
    [
      'a reversed span',
      '10.0.0.20-10.0.0.10',
      /10\.0\.0\.20 lies above the last address 10\.0\.0\.10; write 10\.0\.0\.10-10\.0\.0\.20/,
    ],
    ['mixed families', '10.0.0.1-fc00::1', /10\.0\.0\.1 is IPv4 and fc00::1 is IPv6/],
    ['a span without its end', '10.0.0.1-', /last address is malformed: .*empty/],
    ['a span without its start', '-10.0.0.1', /first address is malformed: .*empty/],
    ['a span of prefixes', '10.0.0.0/24-10.0.1.0/24', /first address is malformed: .*slash/],
    ['a span of three', '10.0.0.1-10.0.0.2-10.0.0.3', /one dash/],
    ['a span by last octet only', '10.0.0.1-20', /last address is malformed/],
    ['a length above 32', '10.0.0.0/33', /length is 33, and IPv4 has 32 bits/],
    ['a length above 128', '2001:db8::/129', /length is 129, and IPv6 has 128 bits/],
    ['a length with a leading zero', '10.0.0.0/08', /without sign, space or leading zero/],
    ['a length with a sign', '10.0.0.0/+8', /without sign/],
    ['a length with a letter', '10.0.0.0/8abc', /without sign/],
    ['a netmask', '10.0.0.0/255.255.255.0', /without sign/],
    ['two slashes', '10.0.0.0/24/24', /without sign/],
    ['a missing length', '10.0.0.0/', /without sign/],
    ['an IPv4-mapped span', '::ffff:10.0.0.1-::ffff:10.0.0.9', /write 10\.0\.0\.1$/],
    ['a megabyte', '1'.repeat(1_000_000), /too long/],
  ];
  for (const [name, text, message] of rows) {
    await t.test(name, () => {
      const read = parseRange(text);
      assert.ok(!read.ok);
      assert.match(read.error, message);
      assert.doesNotMatch(read.error, /\.$/);
    });
  }
});

test('a range read back from its text is the same range', () => {
  const value = fc.bigInt({ min: 0x20000000000000000000000000000000n, max: (1n << 128n) - 1n });
  fc.assert(
    fc.property(value, value, (a, b) => {
      const range = { family: 'IPv6', first: lower(a, b), last: higher(a, b) } as const;
      const read = parseRange(formatRange(range));
      return read.ok && compareRanges(read.value.range, range) === 0;
    }),
  );
});

test('overlap and membership never cross families', () => {
  const [v4, v6] = [parseRange('0.0.0.0/0'), parseRange('::/0')];
  const address = parseAddress('0.0.0.1');
  assert.ok(v4.ok && v6.ok && address.ok);
  assert.equal(rangesOverlap(v4.value.range, v6.value.range), false);
  assert.equal(rangeContains(v6.value.range, address.value), false);
  assert.equal(rangeContains(v4.value.range, address.value), true);
});
