import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from './address.ts';
import { formatPrefix, parsePrefix, prefixContains, prefixOf } from './prefix.ts';

test('a prefix is read only with its host bits zero', async (t) => {
  const rows: readonly [name: string, text: string, outcome: string | RegExp][] = [
    ['an IPv4 prefix', '192.0.2.0/24', '192.0.2.0/24'],
    ['the default route', '0.0.0.0/0', '0.0.0.0/0'],
    ['an IPv6 prefix in a long form', '2001:0db8:0::/32', '2001:db8::/32'],
    ['host bits', '192.0.2.1/24', /write 192\.0\.2\.0\/24/],
    ['no length', '192.0.2.0', /slash and the prefix length are missing/],
    ['a length with a space', '192.0.2.0/ 24', /without sign, space/],
  ];
  for (const [name, text, outcome] of rows) {
    await t.test(name, () => {
      const read = parsePrefix(text);
      if (typeof outcome === 'string') {
        assert.ok(read.ok);
        assert.equal(formatPrefix(read.value), outcome);
      } else {
        assert.ok(!read.ok);
        assert.match(read.error, outcome);
      }
    });
  }
});

test('an address lies in the prefix that its first bits name', () => {
  const [inside, outside, other] = ['10.1.2.255', '10.1.3.0', '::'].map(parseAddress);
  assert.ok(inside?.ok && outside?.ok && other?.ok);
  const prefix = prefixOf(inside.value, 24);
  assert.equal(formatPrefix(prefix), '10.1.2.0/24');
  assert.equal(prefixContains(prefix, inside.value), true);
  assert.equal(prefixContains(prefix, outside.value), false);
  assert.equal(prefixContains(prefixOf(inside.value, 0), other.value), false);
  assert.throws(() => prefixOf(inside.value, 33), /Defect: no IPv4 prefix has length 33/);
});
