import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, pool } from '../../../test/support/ledger.ts';
import { formatRange } from '../net/range.ts';
import { PoolIndex } from './pool-index.ts';

function indexOf(...pools: readonly ReturnType<typeof pool>[]): PoolIndex {
  return new PoolIndex(new Map(pools.map((one) => [one.name, one])));
}

const two = indexOf(
  pool('edge', ['10.0.0.0/28', '2001:db8::/48']),
  pool('core', ['10.0.0.64-10.0.0.70', '10.0.0.32/32']),
);

test('an address belongs to the pool whose range holds it', async (t) => {
  const rows: readonly [name: string, text: string, poolName: string | undefined][] = [
    ['the first of a range', '10.0.0.0', 'edge'],
    ['the last of a range', '10.0.0.15', 'edge'],
    ['one past a range', '10.0.0.16', undefined],
    ['a range of one', '10.0.0.32', 'core'],
    ['inside a span', '10.0.0.66', 'core'],
    ['one before everything', '9.255.255.255', undefined],
    ['deep in an IPv6 range', '2001:db8:0:ffff::1', 'edge'],
    ['IPv6 outside', '2001:db8:1::', undefined],
  ];
  for (const [name, text, poolName] of rows) {
    await t.test(name, () => assert.equal(two.at(address(text))?.pool, poolName));
  }
});

test('an address outside every pool is told the closest range', async (t) => {
  const rows: readonly [name: string, text: string, nearest: string][] = [
    ['below everything', '10.0.0.0', 'low 10.0.1.0/24'],
    ['above everything', '10.9.9.9', 'high 10.0.3.0-10.0.3.9'],
    ['closer to the lower', '10.0.2.5', 'low 10.0.1.0/24'],
    ['closer to the higher', '10.0.2.250', 'high 10.0.3.0-10.0.3.9'],
  ];
  const index = indexOf(pool('high', ['10.0.3.0-10.0.3.9']), pool('low', ['10.0.1.0/24']));
  for (const [name, text, nearest] of rows) {
    await t.test(name, () => {
      const found = index.nearest(address(text));
      assert.ok(found);
      assert.equal(`${found.pool} ${formatRange(found.range)}`, nearest);
    });
  }
  await t.test('no pool of the family', () => assert.equal(index.nearest(address('2001:db8::1')), undefined));
});

test('what two pools have in common belongs to the first by name', () => {
  const index = indexOf(pool('zeta', ['10.0.0.0/24']), pool('alpha', ['10.0.0.64/26', '10.0.0.64/27']));
  assert.equal(index.at(address('10.0.0.63'))?.pool, 'zeta');
  assert.equal(index.at(address('10.0.0.64'))?.pool, 'alpha');
  assert.equal(index.at(address('10.0.0.128'))?.pool, 'zeta');
  assert.equal(index.free('zeta', 'IPv4')?.counts().total, 192n);
  assert.equal(index.free('alpha', 'IPv4')?.counts().total, 64n);
});

test('pools are indexed anew only where their addresses change', () => {
  const index = indexOf(pool('edge', ['10.0.0.0/28']));
  const as = (...pools: readonly ReturnType<typeof pool>[]) => new Map(pools.map((one) => [one.name, one]));
  assert.equal(index.refresh(as(pool('edge', ['10.0.0.0/28'], { autoAssign: false, generation: 2 }))), true);
  assert.equal(index.pool('edge')?.autoAssign, false);
  assert.equal(index.refresh(as(pool('edge', ['10.0.0.0/27']))), false);
  assert.equal(index.refresh(as(pool('edge', ['10.0.0.0/28'], { avoidBuggyIPs: true }))), false);
  assert.equal(index.refresh(as(pool('rim', ['10.0.0.0/28']))), false);
  assert.equal(index.refresh(as()), false);
});
