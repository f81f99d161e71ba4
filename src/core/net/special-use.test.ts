import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange } from './range.ts';
import { specialUse } from './special-use.ts';

test('ranges that nobody can be reached in are told apart', async (t) => {
  const rows: readonly [name: string, text: string, kind: string | undefined][] = [
    ['all of IPv4', '0.0.0.0/0', 'everything'],
    ['all of IPv6', '::/0', 'everything'],
    ['"this network"', '0.0.0.0/32', 'unspecified'],
    ['half of IPv4', '0.0.0.0/1', 'unspecified'],
    ['a span that runs into loopback', '126.255.255.0-127.0.0.1', 'loopback'],
    ['IPv4 link-local', '169.254.10.0/24', 'link-local'],
    ['IPv4 multicast', '239.1.1.0/24', 'multicast'],
    ['the broadcast address', '255.255.255.0/24', 'broadcast'],
    ['the unspecified IPv6 address', '::/128', 'unspecified'],
    ['IPv6 loopback', '::1/128', 'loopback'],
    ['a range just above the mapped block', '::1:0:0:0-::ffff:ffff:ffff:ffff', undefined],
    ['a range across the mapped block', '::2-::1:0:0:0', 'ipv4-mapped'],
    ['IPv6 link-local', 'fe80::/64', 'link-local'],
    ['IPv6 multicast', 'ff02::/16', 'multicast'],
    ['private IPv4', '10.0.0.0/8', undefined],
    ['documentation', '192.0.2.0/24', undefined],
    ['IPv6 documentation', '2001:db8::/32', undefined],
    ['unique local IPv6', 'fc00::/7', undefined],
    ['the range just below multicast', '223.255.255.0/24', undefined],
  ];
  for (const [name, text, kind] of rows) {
    await t.test(name, () => {
      const read = parseRange(text);
      assert.ok(read.ok);
      assert.equal(specialUse(read.value.range)?.kind, kind);
    });
  }
});

test('the reason names the block and its source', () => {
  const read = parseRange('127.0.0.1/32');
  assert.ok(read.ok);
  assert.equal(specialUse(read.value.range)?.reason, '127.0.0.0/8 never leaves its own node (RFC 1122)');
});
