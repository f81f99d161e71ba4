import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '../net/address.ts';
import { chooseSurplus } from './surplus.ts';

function owned(count: number, nodes: readonly string[], owner: (at: number) => string) {
  const candidates = nodes.map((node) => ({ node, tier: 0 as const, weight: 0, interfaces: [] }));
  return Array.from({ length: count }, (_, at) => {
    const address: Address = { family: 'IPv4', value: 0xc0000280n + BigInt(at) };
    return { address, candidates, owner: owner(at) };
  });
}

test('surplus: who has everything gives away until it has its share', () => {
  const moves = chooseSurplus(
    'a',
    owned(30, ['a', 'b', 'c'], () => 'a'),
  );
  assert.ok(moves.length >= 15 && moves.length <= 20, `${moves.length} moves`);
  assert.ok(moves.every((move) => move.to !== 'a'));
  assert.equal(new Set(moves.map((move) => move.at)).size, moves.length);
});

test('surplus: below twice its share a node keeps what it has', () => {
  const all = owned(30, ['a', 'b', 'c'], (at) => (at < 19 ? 'a' : 'b'));
  assert.deepEqual(chooseSurplus('a', all), []);
});

test('surplus: a single address stays where it is', () => {
  assert.deepEqual(
    chooseSurplus(
      'a',
      owned(1, ['a', 'b', 'c', 'd'], () => 'a'),
    ),
    [],
  );
});

test('surplus: addresses that only this node can announce are no surplus', () => {
  assert.deepEqual(
    chooseSurplus(
      'a',
      owned(20, ['a'], () => 'a'),
    ),
    [],
  );
});

test('surplus: no more than a few dozen move at once', () => {
  assert.equal(
    chooseSurplus(
      'a',
      owned(1000, ['a', 'b'], () => 'a'),
    ).length,
    32,
  );
});
