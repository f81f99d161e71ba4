import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decisions } from '../../../test/support/decision-table.ts';
import { outcome, service, worldOf } from '../../../test/support/world.ts';
import { formatAddress } from '../net/address.ts';
import { decide } from './decide.ts';

const POOL = 'metallb.io/address-pool';
const IPS = 'metallb.io/loadBalancerIPs';
const FROM = 'metallb.io/ip-allocated-from-pool';
const KEY = 'metallb.io/allow-shared-ip';

describe('an address that a Service holds stays', () => {
  const pools = {
    edge: '10.0.0.0/30',
    other: '10.1.0.0/30',
    pinned: { addresses: ['10.2.0.0/30'], serviceAllocation: { namespaces: ['team-b'] } },
    private: { addresses: ['10.3.0.0/30'], autoAssign: false },
    avoiding: { addresses: ['10.4.0.0/24'], avoidBuggyIPs: true },
    going: { addresses: ['10.5.0.0/30'], deleting: true },
  };
  const world = { pools, namespaces: { 'team-a': {} } };
  const holds = (address: string, more: object = {}) => ({ key: 'team-a/web', status: [address], ...more });
  decisions([
    {
      name: 'as it is, and the reason says so',
      world,
      service: holds('10.1.0.2'),
      expect: 'other 10.1.0.2',
      says: ['the Service holds 10.1.0.2 in pool "other" and keeps it'],
    },
    { name: 'where its pool was pinned to others since', world, service: holds('10.2.0.1'), expect: 'pinned 10.2.0.1' },
    { name: 'where its pool is no longer automatic', world, service: holds('10.3.0.1'), expect: 'private 10.3.0.1' },
    { name: 'where its pool began to avoid it', world, service: holds('10.4.0.255'), expect: 'avoiding 10.4.0.255' },
    { name: 'where its pool is being deleted', world, service: holds('10.5.0.1'), expect: 'going 10.5.0.1' },
    {
      name: 'where its namespace was labelled since',
      world: { pools, namespaces: { 'team-a': { 'berth.dev/pool': 'private' } } },
      service: holds('10.0.0.1'),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'where a policy names another pool since',
      world: { ...world, policies: { p: { pools: ['other'] } } },
      service: holds('10.0.0.1'),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'where it was reserved for others since',
      world: { ...world, reservations: { r: { addresses: ['10.0.0.1'], namespace: 'team-b' } } },
      service: holds('10.0.0.1'),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'where another address was reserved for the Service since',
      world: { ...world, reservations: { r: { addresses: ['10.1.0.1'], namespace: 'team-a', service: 'web' } } },
      service: holds('10.0.0.1'),
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'beside an annotation that became malformed, which is told',
      world,
      service: holds('10.0.0.1', { annotations: { [IPS]: 'nonsense' } }),
      expect: 'edge 10.0.0.1, but InvalidRequest',
    },
    {
      name: 'beside the name of a pool that does not exist, which is told as waiting',
      world,
      service: holds('10.0.0.1', { annotations: { [POOL]: 'ghost' } }),
      expect: 'edge 10.0.0.1, but waits NoPool',
    },
    {
      name: 'beside the name of a pool that is pinned to others',
      world,
      service: holds('10.0.0.1', { annotations: { [POOL]: 'pinned' } }),
      expect: 'edge 10.0.0.1, but PoolForbidden',
    },
    {
      name: 'beside an address that another Service holds',
      world: { ...world, services: [{ key: 'team-b/db', status: ['10.0.0.2'] }] },
      service: holds('10.0.0.1', { ip: '10.0.0.2' }),
      expect: 'edge 10.0.0.1, but AlreadyAllocated',
    },
    {
      name: 'beside an address outside every pool',
      world,
      service: holds('10.0.0.1', { ip: '10.9.0.2' }),
      expect: 'edge 10.0.0.1, but AddressOutsidePools',
    },
    {
      name: 'where the platform moved its range to another pool than the one that the Service names',
      world,
      service: holds('10.1.0.1', { annotations: { [POOL]: 'edge', [FROM]: 'edge' } }),
      expect: 'other 10.1.0.1',
    },
    {
      name: 'where its pool was put out of force by a bad edit',
      world: { pools: { ...pools, edge: { addresses: ['10.0.0.0/33'] } } },
      service: holds('10.0.0.1', { annotations: { [FROM]: 'edge' } }),
      expect: 'edge 10.0.0.1',
    },
  ]);
});

describe('an address that a Service holds is given up', () => {
  const pools = { edge: '10.0.0.0/30', other: '10.1.0.0/30' };
  const world = { pools };
  const holds = (address: string, more: object = {}) => ({ key: 'team-a/web', status: [address], ...more });
  decisions([
    {
      name: 'for a pool that the Service asks for since',
      world,
      service: holds('10.0.0.1', { annotations: { [POOL]: 'other', [FROM]: 'edge' } }),
      expect: 'other 10.1.0.0',
    },
    {
      name: 'for an address that the Service asks for since',
      world,
      service: holds('10.0.0.1', { ip: '10.1.0.3' }),
      expect: 'other 10.1.0.3',
    },
    {
      name: 'where it lies in no pool',
      world,
      service: holds('10.9.0.1'),
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'where an elder Service holds it too',
      world: { pools, services: [{ key: 'team-b/db', status: ['10.0.0.1'], createdAt: '2026-01-01T00:00:00Z' }] },
      service: holds('10.0.0.1'),
      expect: 'edge 10.0.0.0',
    },
  ]);

  test('the elder of two Services on one address is not touched', () => {
    const young = { key: 'team-b/db', status: ['10.0.0.1'], createdAt: '2026-07-10T00:00:00Z' };
    const decision = decide(service(holds('10.0.0.1')), worldOf({ pools, services: [young] }));
    assert.equal(outcome(decision), 'edge 10.0.0.1');
    assert.ok(decision.kind === 'assigned' && decision.kept);
  });

  test('what replaces an address says from what and why', () => {
    const decision = decide(service(holds('10.9.0.1')), worldOf({ pools }));
    assert.deepEqual(
      decision.released.map(({ address, because }) => `${formatAddress(address)} ${because}`),
      ['10.9.0.1 lies in no pool'],
    );
  });

  test('an address lost without another one to have is said too', () => {
    const decision = decide(service(holds('10.9.0.1')), worldOf({}));
    assert.equal(outcome(decision), 'waits NoPool');
    assert.equal(decision.released.length, 1);
  });

  test("of three Services on one address, one that yields itself is nobody's elder", () => {
    const shared = (key: string, port: string, createdAt: string) =>
      ({ key, status: ['10.0.0.1'], ports: [port], createdAt, annotations: { [KEY]: 'k' } }) as const;
    const one = shared('team-a/one', 'TCP/80', '2026-01-01T00:00:00Z');
    const two = { ...shared('team-a/two', 'TCP/443', '2026-01-02T00:00:00Z'), ports: ['TCP/80', 'TCP/443'] };
    const three = shared('team-a/three', 'TCP/443', '2026-01-03T00:00:00Z');
    const world = worldOf({ pools, services: [one, two, three] });
    assert.equal(outcome(decide(service(one), world)), 'edge 10.0.0.1');
    assert.equal(outcome(decide(service(two), world)), 'edge 10.0.0.0');
    assert.equal(outcome(decide(service(three), world)), 'edge 10.0.0.1');
  });
});

describe('sharers that came apart', () => {
  const pools = { edge: '10.0.0.0/30' };
  const sharer = (key: string, port: string, more: object = {}) => ({
    key,
    status: ['10.0.0.1'],
    ports: [port],
    annotations: { [KEY]: 'k' },
    ...more,
  });
  decisions([
    {
      name: 'by a policy that no longer lets their namespaces share, both keep the address',
      world: { pools, services: [sharer('team-b/dns', 'UDP/53')] },
      service: sharer('team-a/web', 'TCP/80'),
      expect: 'edge 10.0.0.1',
      warns: [
        '10.0.0.1 is shared with team-b/dns, and would not be anew: no AddressPolicy lets the two namespaces share',
      ],
    },
    {
      name: 'by a key changed while no webhook looked, both keep the address',
      world: { pools, services: [sharer('team-a/dns', 'UDP/53', { annotations: { [KEY]: 'other' } })] },
      service: sharer('team-a/web', 'TCP/80'),
      expect: 'edge 10.0.0.1',
      warns: ['their sharing keys differ; both keep it'],
    },
    {
      name: 'by a port taken while no webhook looked, the younger moves',
      world: { pools, services: [sharer('team-a/dns', 'TCP/80', { createdAt: '2026-01-01T00:00:00Z' })] },
      service: sharer('team-a/web', 'TCP/80'),
      expect: 'edge 10.0.0.0',
    },
  ]);
});

describe('while a status is being written', () => {
  test('deciding again gives the address that the claim has, not the next one', () => {
    const world = worldOf({ pools: { edge: '10.0.0.0/30' }, services: [{ key: 'team-a/web', status: ['10.0.0.2'] }] });
    assert.equal(outcome(decide(service({ key: 'team-a/web' }), world)), 'edge 10.0.0.2');
  });

  test('the claim of a deleted Service of the same name says nothing about a new one', () => {
    const world = worldOf({
      pools: { edge: '10.0.0.0/30' },
      services: [{ key: 'team-a/web', status: ['10.0.0.2'], uid: 'old' }],
    });
    assert.equal(outcome(decide(service({ key: 'team-a/web', uid: 'new' }), world)), 'edge 10.0.0.0');
  });

  test("an address of its own past never stands in a Service's way", () => {
    const world = worldOf({
      pools: { edge: '10.0.0.0/30' },
      services: [{ key: 'team-a/web', status: ['10.0.0.2'], uid: 'old' }],
    });
    assert.equal(outcome(decide(service({ key: 'team-a/web', uid: 'new', ip: '10.0.0.2' }), world)), 'edge 10.0.0.2');
  });
});
