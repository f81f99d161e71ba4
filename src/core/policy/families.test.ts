import { describe } from 'node:test';
import { decisions } from '../../../test/support/decision-table.ts';

const POOL = 'metallb.io/address-pool';
const BOTH = ['IPv4', 'IPv6'];
const PREFER = { families: BOTH, familyPolicy: 'PreferDualStack' };

describe('families', () => {
  const pools = {
    four: { addresses: ['10.0.0.0/31'] },
    six: { addresses: ['fd00::/127'] },
    two: { addresses: ['10.2.0.0/31', 'fd00:2::/127'] },
  };
  const world = { pools };
  const named = (pool: string, more: object) => ({ key: 'team-a/web', annotations: { [POOL]: pool }, ...more });
  decisions([
    {
      name: 'SingleStack gets one address of its family',
      world,
      service: { key: 'team-a/web', families: ['IPv6'] },
      expect: 'six fd00::',
    },
    {
      name: 'SingleStack is refused by a pool that lacks the family',
      world,
      service: named('four', { families: ['IPv6'] }),
      expect: 'FamilyMismatch',
      says: ['Cannot assign pool "four": it has no IPv6 range; ask for "six" or "two"'],
    },
    {
      name: 'RequireDualStack gets both from one pool, and no pair of pools',
      world,
      service: { key: 'team-a/web', families: BOTH },
      expect: 'two 10.2.0.0 fd00:2::',
    },
    {
      name: 'addresses come in the order of the families',
      world,
      service: { key: 'team-a/web', families: ['IPv6', 'IPv4'] },
      expect: 'two fd00:2:: 10.2.0.0',
    },
    {
      name: 'RequireDualStack is refused where no one pool has both',
      world: { pools: { four: pools.four, six: pools.six } },
      service: { key: 'team-a/web', families: BOTH },
      expect: 'FamilyMismatch',
      says: ['"four" has no IPv6 range and "six" has no IPv4 range'],
    },
    {
      name: 'RequireDualStack is refused where one family is used up',
      world: {
        pools: { two: pools.two },
        services: [
          { key: 'x/one', status: ['fd00:2::'], families: ['IPv6'] },
          { key: 'x/two', status: ['fd00:2::1'], families: ['IPv6'] },
        ],
      },
      service: { key: 'team-a/web', families: BOTH },
      expect: 'OutOfIPs',
      says: ['Cannot assign pool "two": 0 of 2 IPv6 addresses free'],
    },
    {
      name: 'RequireDualStack in a Service with one family is refused',
      world,
      service: { key: 'team-a/web', families: ['IPv4'], familyPolicy: 'RequireDualStack' },
      expect: 'FamilyMismatch',
      says: ['spec.ipFamilyPolicy is RequireDualStack, but the Service has only IPv4'],
    },
    {
      name: 'PreferDualStack gets both where a pool has both, though another comes first by name',
      world,
      service: { key: 'team-a/web', ...PREFER },
      expect: 'two 10.2.0.0 fd00:2::',
    },
    {
      name: 'PreferDualStack falls back to the primary family, and says what is missing',
      world,
      service: named('four', PREFER),
      expect: 'four 10.0.0.0',
      says: ['names pool "four", IPv4 only: the pool has no IPv6 range'],
    },
    {
      name: 'PreferDualStack prefers a pool of its primary family among halves',
      world: { pools: { four: pools.four, six: pools.six } },
      service: { key: 'team-a/web', families: ['IPv6', 'IPv4'], familyPolicy: 'PreferDualStack' },
      expect: 'six fd00::',
    },
    {
      name: 'PreferDualStack takes the other family where the primary one is nowhere',
      world: { pools: { four: pools.four } },
      service: { key: 'team-a/web', families: ['IPv6', 'IPv4'], familyPolicy: 'PreferDualStack' },
      expect: 'four 10.0.0.0',
    },
    {
      name: 'PreferDualStack in a single-stack cluster gets one address',
      world,
      service: named('two', { families: ['IPv4'], familyPolicy: 'PreferDualStack' }),
      expect: 'two 10.2.0.0',
    },
    {
      name: 'PreferDualStack grows into the pool that serves it already',
      world,
      service: { key: 'team-a/web', ...PREFER, status: ['10.2.0.1'] },
      expect: 'two 10.2.0.1 fd00:2::',
      says: ['pool "two", which serves the Service already, also gives fd00:2::'],
    },
    {
      name: 'PreferDualStack stays as it is where that pool has no second family',
      world,
      service: { key: 'team-a/web', ...PREFER, status: ['10.0.0.1'] },
      expect: 'four 10.0.0.1',
    },
    {
      name: 'PreferDualStack does not grow into a pool that was pinned to others since',
      world: { pools: { two: { ...pools.two, serviceAllocation: { namespaces: ['team-b'] } } } },
      service: { key: 'team-a/web', ...PREFER, status: ['10.2.0.1'] },
      expect: 'two 10.2.0.1',
    },
    {
      name: 'a Service that gains a family keeps the address of the other',
      world,
      service: { key: 'team-a/web', families: BOTH, status: ['10.2.0.1'] },
      expect: 'two 10.2.0.1 fd00:2::',
    },
    {
      name: 'a Service that gains a family its pool lacks keeps its address and is told',
      world,
      service: { key: 'team-a/web', families: BOTH, status: ['10.0.0.1'] },
      expect: 'four 10.0.0.1, but FamilyMismatch',
    },
    {
      name: 'a Service that loses a family keeps the address of the other',
      world,
      service: { key: 'team-a/web', families: ['IPv6'], status: ['10.2.0.1', 'fd00:2::1'] },
      expect: 'two fd00:2::1',
    },
    {
      name: 'a status address of a family that the Service never had is replaced',
      world,
      service: { key: 'team-a/web', families: ['IPv4'], status: ['fd00:2::1'] },
      expect: 'four 10.0.0.0',
    },
    {
      name: 'of two status addresses of one family the first is kept',
      world,
      service: { key: 'team-a/web', status: ['10.2.0.1', '10.2.0.0'] },
      expect: 'two 10.2.0.1',
    },
    {
      name: 'the order of a status that holds both families is left as it is',
      world,
      service: { key: 'team-a/web', families: ['IPv6', 'IPv4'], status: ['10.2.0.1', 'fd00:2::1'] },
      expect: 'two 10.2.0.1 fd00:2::1',
    },
    {
      name: 'a quota for one more address lets PreferDualStack have one family',
      world: { ...world, policies: { q: { quota: { addresses: 1 } } } },
      service: named('two', PREFER),
      expect: 'two 10.2.0.0',
    },
  ]);
});
