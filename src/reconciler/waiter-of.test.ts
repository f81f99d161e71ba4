import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ServiceSpec, service, type WorldSpec, worldOf } from '../../test/support/world.ts';
import { decide } from '../core/policy/decide.ts';
import { waiterOf } from './waiter-of.ts';
import type { Waiter } from './waiters.ts';

const one = { pools: { edge: '192.0.2.1/32' }, services: [{ key: 'b/first', status: ['192.0.2.1'] }] };
const key = 'metallb.io/allow-shared-ip';

const rows: readonly [name: string, world: WorldSpec, service: ServiceSpec, expected: Partial<Waiter> | undefined][] = [
  [
    'a Service that gets all it asks for waits for nothing',
    { pools: { edge: '192.0.2.0/30' } },
    { key: 'a/web' },
    undefined,
  ],
  [
    'one without a free address waits for the pools that were asked',
    one,
    { key: 'a/web' },
    { pools: ['edge'], addresses: [], quota: false, reason: 'OutOfIPs', namespace: 'a' },
  ],
  [
    'one that asks for a taken address waits for that address',
    one,
    { key: 'a/web', ip: '192.0.2.1' },
    { pools: [], addresses: ['192.0.2.1'], quota: false, reason: 'AlreadyAllocated' },
  ],
  [
    'one that shares waits for ports under its key as well',
    one,
    { key: 'a/web', annotations: { [key]: 'web' } },
    { pools: ['edge'], sharingKey: 'web', reason: 'OutOfIPs' },
  ],
  [
    'one that asks for an address outside every pool waits for nothing that Services could free',
    one,
    { key: 'a/web', ip: '198.51.100.1' },
    { pools: [], addresses: ['198.51.100.1'], quota: false, reason: 'AddressOutsidePools' },
  ],
  [
    'one with a malformed wish waits for its author',
    one,
    { key: 'a/web', ip: 'nonsense' },
    { pools: [], addresses: [], quota: false, reason: 'InvalidRequest' },
  ],
  [
    'one that prefers dual stack and has one family waits for the other from the same pool',
    {
      pools: { edge: ['192.0.2.0/30', '2001:db8::1/128'] },
      services: [{ key: 'b/six', families: ['IPv6'], status: ['2001:db8::1'] }],
    },
    { key: 'a/web', families: ['IPv4', 'IPv6'], familyPolicy: 'PreferDualStack' },
    { pools: ['edge'], quota: true, reason: 'OneFamilyOnly' },
  ],
  [
    'one that prefers dual stack in a pool of one family has all that it can have',
    { pools: { edge: '192.0.2.0/30' } },
    { key: 'a/web', families: ['IPv4', 'IPv6'], familyPolicy: 'PreferDualStack' },
    undefined,
  ],
  [
    'one beyond its quota waits for its namespace, and for the pools',
    {
      pools: { edge: '192.0.2.0/30' },
      policies: { few: { match: { namespaces: ['a'] }, quota: { services: 1 } } },
      services: [{ key: 'a/first', status: ['192.0.2.1'] }],
    },
    { key: 'a/web' },
    { pools: ['edge'], quota: true, reason: 'QuotaExceeded', namespace: 'a' },
  ],
  [
    'one that keeps its address and wishes for a taken one waits for that',
    {
      pools: { edge: '192.0.2.0/30' },
      services: [
        { key: 'b/first', status: ['192.0.2.1'] },
        { key: 'a/web', status: ['192.0.2.2'] },
      ],
    },
    { key: 'a/web', ip: '192.0.2.1', status: ['192.0.2.2'] },
    { pools: [], addresses: ['192.0.2.1'], reason: 'AlreadyAllocated' },
  ],
];

describe('what could end a wait', () => {
  for (const [name, world, spec, expected] of rows) {
    it(name, () => {
      const request = service(spec);
      const ground = worldOf(world);
      const found = waiterOf(request, decide(request, ground), ground.configuration.pools);
      if (expected === undefined) assert.equal(found, undefined);
      else assert.deepEqual({ ...found, ...expected }, found);
      if (expected !== undefined) assert.ok(found !== undefined);
    });
  }
});
