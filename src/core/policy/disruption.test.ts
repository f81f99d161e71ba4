import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reconfigured, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import { formatAddress } from '../net/address.ts';
import { effectOfChange } from './disruption.ts';

const services = [
  { key: 'team-b/db', status: ['10.0.0.9'] },
  { key: 'team-a/web', status: ['10.0.0.1'] },
  { key: 'team-a/dual', status: ['10.0.0.2', 'fd00::2'], families: ['IPv4', 'IPv6'] },
  { key: 'team-a/stray', status: ['10.9.9.9'] },
];
const before: WorldSpec = { pools: { edge: ['10.0.0.0/28', 'fd00::/120'] }, services };

interface Row {
  readonly name: string;
  readonly after: WorldSpec;
  readonly losses: readonly string[];
  readonly overlays?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'the same pools take nothing', after: { pools: before.pools ?? {} }, losses: [] },
  { name: 'a larger pool takes nothing', after: { pools: { edge: ['10.0.0.0/24', 'fd00::/64'] } }, losses: [] },
  {
    name: 'a smaller pool takes what lies outside it',
    after: { pools: { edge: ['10.0.0.0/29', 'fd00::/120'] } },
    losses: ['team-b/db 10.0.0.9 edge'],
  },
  {
    name: 'a pool without its IPv6 range takes one address of a dual-stack Service',
    after: { pools: { edge: '10.0.0.0/28' } },
    losses: ['team-a/dual fd00::2 edge'],
  },
  {
    name: 'a deleted pool takes everything, by Service',
    after: {},
    losses: [
      'team-a/dual 10.0.0.2 edge',
      'team-a/dual fd00::2 edge',
      'team-a/web 10.0.0.1 edge',
      'team-b/db 10.0.0.9 edge',
    ],
  },
  {
    name: 'a pool under another name takes nothing',
    after: { pools: { shore: ['10.0.0.0/28', 'fd00::/120'] } },
    losses: [],
  },
  {
    name: 'a pool that is split takes nothing',
    after: { pools: { a: ['10.0.0.0/29'], b: ['10.0.0.8/29', 'fd00::/120'] } },
    losses: [],
  },
  {
    name: 'a pool that is pinned, avoids addresses or is no longer automatic takes nothing',
    after: {
      pools: {
        edge: {
          addresses: ['10.0.0.0/28', 'fd00::/120'],
          autoAssign: false,
          avoidBuggyIPs: true,
          serviceAllocation: { namespaces: ['nobody'] },
        },
      },
    },
    losses: [],
  },
  {
    name: 'a policy takes nothing, whatever it says',
    after: { pools: before.pools ?? {}, policies: { p: { pools: ['elsewhere'], quota: { addresses: 0 } } } },
    losses: [],
  },
  {
    name: 'a reservation takes nothing, and is told to cover what others hold',
    after: {
      pools: before.pools ?? {},
      reservations: { r: { addresses: ['10.0.0.8/31'], namespace: 'team-a' } },
    },
    losses: [],
    overlays: ['r 10.0.0.9 team-b/db'],
  },
  {
    name: 'a reservation for the holder itself is no matter',
    after: {
      pools: before.pools ?? {},
      reservations: { r: { addresses: ['10.0.0.9'], namespace: 'team-b', service: 'db' } },
    },
    losses: [],
  },
];

describe('the effect of a change of configuration on Services that run', () => {
  for (const row of rows) {
    test(row.name, () => {
      const world = worldOf(before);
      const after = reconfigured(world, row.after).configuration;
      const effect = effectOfChange(world.configuration, after, world.ledger, world.now);
      assert.deepEqual(
        effect.losses.map(({ service, address, pool }) => `${service} ${formatAddress(address)} ${pool}`),
        row.losses,
      );
      assert.deepEqual(
        effect.overlays.map(({ reservation, address, holder }) => `${reservation} ${formatAddress(address)} ${holder}`),
        row.overlays ?? [],
      );
    });
  }

  test('a reservation that was there before is not told again', () => {
    const reservations = { r: { addresses: ['10.0.0.9'], namespace: 'team-a' } };
    const world = worldOf({ ...before, reservations });
    const after = reconfigured(world, { pools: before.pools ?? {}, reservations }).configuration;
    assert.deepEqual(effectOfChange(world.configuration, after, world.ledger, world.now).overlays, []);
  });
});
