import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ServiceSpec, worldOf } from '../../../test/support/world.ts';
import { formatAddress } from '../net/address.ts';
import { conflictsIn } from './conflicts.ts';

const KEY = 'metallb.io/allow-shared-ip';
const on = (key: string, day: number, port: string, sharing?: string): ServiceSpec => ({
  key,
  status: ['10.0.0.1'],
  createdAt: `2026-07-0${day}T00:00:00Z`,
  ports: [port],
  annotations: sharing === undefined ? {} : { [KEY]: sharing },
});

const rows: readonly {
  readonly name: string;
  readonly services: readonly ServiceSpec[];
  readonly expect: readonly string[];
}[] = [
  {
    name: 'two Services without a key: the younger loses',
    services: [on('b/new', 2, 'TCP/80'), on('a/old', 1, 'TCP/443')],
    expect: ['10.0.0.1 a/old over b/new: exclusive'],
  },
  {
    name: 'two sharers on one port: the younger loses',
    services: [on('a/old', 1, 'TCP/80', 'k'), on('a/new', 2, 'TCP/80', 'k')],
    expect: ['10.0.0.1 a/old over a/new: port'],
  },
  {
    name: 'two sharers whose keys or namespaces came apart: nobody loses',
    services: [on('a/old', 1, 'TCP/80', 'k'), on('b/new', 2, 'TCP/443', 'other')],
    expect: [],
  },
  {
    name: 'a port in common counts also where keys came apart',
    services: [on('a/old', 1, 'TCP/80', 'k'), on('b/new', 2, 'TCP/80', 'other')],
    expect: ['10.0.0.1 a/old over b/new: port'],
  },
  {
    name: 'one that loses itself takes nothing from a third',
    services: [on('a/one', 1, 'TCP/80', 'k'), on('a/two', 2, 'TCP/80', 'k'), on('a/three', 3, 'TCP/443', 'k')],
    expect: ['10.0.0.1 a/one over a/two: port'],
  },
  {
    name: 'sharers as they should be: nobody loses',
    services: [on('a/one', 1, 'TCP/80', 'k'), on('a/two', 2, 'TCP/443', 'k')],
    expect: [],
  },
];

describe('Services found on one address', () => {
  for (const { name, services, expect } of rows) {
    test(name, () => {
      const found = conflictsIn(worldOf({ pools: { edge: '10.0.0.0/30' }, services }));
      assert.deepEqual(
        found.map(
          ({ address, keeper, loser, clash }) =>
            `${formatAddress(address)} ${keeper.key} over ${loser.key}: ${clash.why}`,
        ),
        expect,
      );
    });
  }
});
