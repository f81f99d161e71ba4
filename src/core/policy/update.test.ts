import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sentenceOf } from '../../../test/support/decision-table.ts';
import { outcome, type ServiceSpec, service, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import { decideUpdate } from './update.ts';

const POOL = 'metallb.io/address-pool';
const IPS = 'metallb.io/loadBalancerIPs';
const KEY = 'metallb.io/allow-shared-ip';

interface Row {
  readonly name: string;
  readonly world: WorldSpec;
  readonly before: ServiceSpec;
  readonly change: Partial<ServiceSpec>;
  readonly expect: string;
  readonly says?: readonly string[];
  readonly warns?: readonly string[];
}

function updates(rows: readonly Row[]): void {
  for (const row of rows) {
    test(row.name, () => {
      const after = service({ ...row.before, ...row.change });
      const services = [...(row.world.services ?? []), row.before];
      const decision = decideUpdate(service(row.before), after, worldOf({ ...row.world, services }));
      assert.equal(outcome(decision), row.expect, sentenceOf(decision));
      for (const text of row.says ?? []) assert.ok(sentenceOf(decision).includes(text), sentenceOf(decision));
      for (const text of row.warns ?? []) assert.ok(decision.warnings.join().includes(text), decision.warnings.join());
    });
  }
}

const pools = {
  edge: ['10.0.0.0/30'],
  two: ['10.2.0.0/30', 'fd00:2::/126'],
  pinned: { addresses: ['10.3.0.0/30'], serviceAllocation: { namespaces: ['team-b'] } },
};

describe('an update is refused only for what it breaks itself', () => {
  const held = { key: 'team-a/web', status: ['10.0.0.1'] };
  updates([
    {
      name: 'a pool that is forbidden',
      world: { pools },
      before: held,
      change: { annotations: { [POOL]: 'pinned' } },
      expect: 'PoolForbidden',
      says: ['Cannot assign pool "pinned"'],
    },
    {
      name: 'a malformed annotation',
      world: { pools },
      before: held,
      change: { annotations: { [IPS]: 'nonsense' } },
      expect: 'InvalidRequest',
    },
    {
      name: 'an address that is taken',
      world: { pools, services: [{ key: 'team-b/db', status: ['10.0.0.2'] }] },
      before: held,
      change: { ip: '10.0.0.2' },
      expect: 'AlreadyAllocated',
    },
    {
      name: 'a family that the pool lacks',
      world: { pools },
      before: held,
      change: { families: ['IPv4', 'IPv6'] },
      expect: 'FamilyMismatch',
      says: ['Cannot assign pool "edge": it has no IPv6 range'],
    },
    {
      name: 'a pool that is absent is let through with a warning, and the address stays',
      world: { pools },
      before: held,
      change: { annotations: { [POOL]: 'ghost' } },
      expect: 'edge 10.0.0.1, but waits NoPool',
      warns: ['Waiting for pool "ghost"'],
    },
    {
      name: 'a valid wish is let through',
      world: { pools },
      before: held,
      change: { annotations: { [POOL]: 'two' } },
      expect: 'two 10.2.0.0',
    },
    {
      name: 'another wrong wish than before is refused',
      world: { pools },
      before: { ...held, ip: '10.9.0.1' },
      change: { ip: '10.9.0.2' },
      expect: 'AddressOutsidePools',
    },
    {
      name: 'a new port of a Service that shares with nobody is let through',
      world: { pools },
      before: held,
      change: { ports: ['TCP/8080'] },
      expect: 'edge 10.0.0.1',
    },
  ]);
});

describe('a Service that is already wrong can be changed otherwise', () => {
  const wrong = { key: 'team-a/web', ip: '10.9.0.1' };
  updates([
    {
      name: 'its labels',
      world: { pools },
      before: wrong,
      change: { labels: { a: 'b' } },
      expect: 'waits AddressOutsidePools',
      warns: ['Cannot assign address 10.9.0.1'],
    },
    {
      name: 'its labels, also where they change which pools it could have',
      world: { pools: { pinned: pools.pinned } },
      before: { key: 'team-b/web', labels: {}, annotations: { [POOL]: 'pinned' }, ports: ['TCP/80'] },
      change: { labels: { 'berth.dev/category': 'gaming' } },
      expect: 'pinned 10.3.0.0',
    },
    {
      name: 'its ports',
      world: { pools },
      before: wrong,
      change: { ports: ['TCP/81'] },
      expect: 'waits AddressOutsidePools',
    },
    {
      name: 'its status',
      world: { pools },
      before: { ...wrong, status: ['10.0.0.1'] },
      change: { status: [] },
      expect: 'edge 10.0.0.1, but AddressOutsidePools',
      warns: ['Cannot assign address 10.9.0.1'],
    },
    {
      name: 'its labels while its pool is full',
      world: { pools: { one: '10.0.0.0/32' }, services: [{ key: 'x/one', status: ['10.0.0.0'] }] },
      before: { key: 'team-a/web' },
      change: { labels: { a: 'b' } },
      expect: 'waits OutOfIPs',
    },
    {
      name: 'its labels while its annotation is malformed and it holds an address',
      world: { pools },
      before: { key: 'team-a/web', status: ['10.0.0.1'], annotations: { [IPS]: 'nonsense' } },
      change: { labels: { a: 'b' } },
      expect: 'edge 10.0.0.1, but InvalidRequest',
    },
  ]);
});

describe('a Service that shares an address', () => {
  const sharing = {
    pools,
    services: [{ key: 'team-a/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
  };
  const web = { key: 'team-a/web', status: ['10.0.0.1'], annotations: { [KEY]: 'k' } };
  updates([
    {
      name: "can't change its key",
      world: sharing,
      before: web,
      change: { annotations: { [KEY]: 'other' } },
      expect: 'AlreadyAllocatedIncompatibleService',
      says: [
        'Cannot keep sharing address 10.0.0.1 of pool "edge" with team-a/dns: its sharing key is "k", not "other"; keep the key',
      ],
    },
    {
      name: "can't drop its key",
      world: sharing,
      before: web,
      change: { annotations: {} },
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['this Service has no annotation metallb.io/allow-shared-ip; keep the annotation'],
    },
    {
      name: "can't take a sharer's port",
      world: sharing,
      before: web,
      change: { ports: ['TCP/80', 'UDP/53'] },
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['with team-a/dns: it has port UDP/53; use another port'],
    },
    {
      name: "can't go over to Local alone",
      world: sharing,
      before: web,
      change: { trafficPolicy: 'Local' },
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['one of the two has externalTrafficPolicy Local and the other Cluster'],
    },
    {
      name: 'can add a free port',
      world: sharing,
      before: web,
      change: { ports: ['TCP/80', 'TCP/443'] },
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'can leave for an address of its own, key and all',
      world: sharing,
      before: web,
      change: { ip: '10.0.0.3', annotations: {} },
      expect: 'edge 10.0.0.3',
    },
    {
      name: 'can change its key once it is alone on the address',
      world: { pools },
      before: web,
      change: { annotations: { [KEY]: 'other' } },
      expect: 'edge 10.0.0.1',
    },
    {
      name: 'can change its labels although the sharing is wrong already',
      world: {
        pools,
        services: [{ key: 'team-b/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
      },
      before: web,
      change: { labels: { a: 'b' } },
      expect: 'edge 10.0.0.1',
    },
    {
      name: "can't drop its key where its namespaces may not share any more: the other would lose the address",
      world: {
        pools,
        services: [{ key: 'team-b/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
      },
      before: web,
      change: { annotations: {} },
      expect: 'AlreadyAllocatedIncompatibleService',
    },
    {
      name: "can't take a sharer's port where their namespaces may not share any more",
      world: {
        pools,
        services: [{ key: 'team-b/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
      },
      before: web,
      change: { ports: ['UDP/53'] },
      expect: 'AlreadyAllocatedIncompatibleService',
      says: ['with team-b/dns: it has port UDP/53'],
    },
    {
      name: 'can change a port although its namespaces may not share any more',
      world: {
        pools,
        services: [{ key: 'team-b/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
      },
      before: web,
      change: { ports: ['TCP/8080'] },
      expect: 'edge 10.0.0.1',
    },
  ]);
});
