import { describe } from 'node:test';
import { decisions } from '../../../test/support/decision-table.ts';

const POOL = 'metallb.io/address-pool';
const LEGACY_POOL = 'metallb.universe.tf/address-pool';
const IPS = 'metallb.io/loadBalancerIPs';

/** A pool for each step of the order. */
const everyStep = {
  pools: {
    asked: '10.1.0.0/24',
    named: '10.2.0.0/24',
    kept: { addresses: ['10.3.0.0/24'], autoAssign: false },
    labelled: { addresses: ['10.4.0.0/24'], autoAssign: false },
    ruled: '10.5.0.0/24',
    pinned: { addresses: ['10.6.0.0/24'], serviceAllocation: { priority: 10, namespaces: ['team-a'] } },
    open: '10.0.0.0/24',
  },
  reservations: { kept: { addresses: ['10.3.0.7'], namespace: 'team-a', service: 'web' } },
  policies: { ruled: { match: { categories: ['ingress'] }, pools: ['ruled'] } },
  namespaces: { 'team-a': { 'berth.dev/pool': 'labelled' } },
};
const { reservations: _, ...withoutReservation } = everyStep;
const withoutLabel = { ...withoutReservation, namespaces: { 'team-a': {} } };
const { policies: __, ...withoutPolicy } = withoutLabel;
const asksForAll = { [POOL]: 'named', 'berth.dev/category': 'ingress' };

describe('the order of decision: the first step that says something wins', () => {
  decisions([
    {
      name: 'an address that the Service asks for goes first',
      world: everyStep,
      service: { key: 'team-a/web', ip: '10.1.0.9' },
      expect: 'asked 10.1.0.9',
      says: ['spec.loadBalancerIP asks for 10.1.0.9 of pool "asked"'],
    },
    {
      name: 'a pool that the Service names goes before a reservation',
      world: everyStep,
      service: { key: 'team-a/web', annotations: asksForAll },
      expect: 'named 10.2.0.0',
      says: ['annotation metallb.io/address-pool names pool "named"'],
    },
    {
      name: 'a reservation for the Service goes before the label of its namespace',
      world: everyStep,
      service: { key: 'team-a/web', annotations: { 'berth.dev/category': 'ingress' } },
      expect: 'kept 10.3.0.7',
      says: ['AddressReservation "kept" keeps 10.3.0.7 of pool "kept" for this Service'],
    },
    {
      name: 'the label of the namespace goes before policies',
      world: withoutReservation,
      service: { key: 'team-a/web', annotations: { 'berth.dev/category': 'ingress' } },
      expect: 'labelled 10.4.0.0',
      says: ['label berth.dev/pool of namespace team-a names pool "labelled"'],
    },
    {
      name: 'a policy that matches goes before pools pinned to the namespace',
      world: withoutLabel,
      service: { key: 'team-a/web', annotations: { 'berth.dev/category': 'ingress' } },
      expect: 'ruled 10.5.0.0',
      says: ['AddressPolicy "ruled" names pool "ruled"'],
    },
    {
      name: 'a pool pinned to the namespace goes before pools open to all',
      world: withoutPolicy,
      service: { key: 'team-a/web' },
      expect: 'pinned 10.6.0.0',
      says: ['pool "pinned" is pinned to the Service by its serviceAllocation with priority 10'],
    },
    {
      name: 'where nothing speaks for the Service, it gets the first open pool by name',
      world: withoutPolicy,
      service: { key: 'team-b/web' },
      expect: 'asked 10.1.0.0',
      says: ['pool "asked" is given to every Service that names none'],
    },
  ]);
});

describe('a pool that the Service names', () => {
  const world = {
    pools: {
      private: { addresses: ['10.2.0.0/30'], autoAssign: false },
      pinned: { addresses: ['10.3.0.0/30'], serviceAllocation: { namespaces: ['team-b'] } },
      labelled: {
        addresses: ['10.4.0.0/30'],
        serviceAllocation: { serviceSelectors: [{ matchLabels: { team: 'metallb' } }] },
      },
      both: {
        addresses: ['10.5.0.0/30'],
        serviceAllocation: { namespaces: ['team-a'], serviceSelectors: [{ matchLabels: { team: 'metallb' } }] },
      },
      'by-label': {
        addresses: ['10.6.0.0/30'],
        serviceAllocation: { namespaceSelectors: [{ matchLabels: { env: 'prod' } }] },
      },
      last: { addresses: ['10.7.0.0/30'], serviceAllocation: { priority: 7 } },
      going: { addresses: ['10.8.0.0/30'], deleting: true },
      faulty: { addresses: ['10.9.0.0'] },
    },
    namespaces: { 'team-a': { env: 'test' }, 'team-p': { env: 'prod' } },
  };
  const named = (pool: string, more = {}) => ({ key: 'team-a/web', annotations: { [POOL]: pool }, ...more });
  decisions([
    { name: 'is given although autoAssign is false', world, service: named('private'), expect: 'private 10.2.0.0' },
    {
      name: 'is read under the legacy prefix too',
      world,
      service: { key: 'team-a/web', annotations: { [LEGACY_POOL]: 'private' } },
      expect: 'private 10.2.0.0',
    },
    {
      name: 'under both prefixes in conflict, the current one wins with a warning',
      world,
      service: { key: 'team-a/web', annotations: { [POOL]: 'private', [LEGACY_POOL]: 'pinned' } },
      expect: 'private 10.2.0.0',
      warns: ['metallb.universe.tf/address-pool "pinned" differs from metallb.io/address-pool'],
    },
    {
      name: 'is refused where it is pinned to another namespace',
      world,
      service: named('pinned'),
      expect: 'PoolForbidden',
      says: ['Cannot assign pool "pinned": it is pinned to other namespaces', 'ask for "last" or "private"'],
      hides: ['team-b'],
    },
    {
      name: 'is refused where it is pinned to other labels, and says which',
      world,
      service: named('labelled'),
      expect: 'PoolForbidden',
      says: ['takes only Services labelled team=metallb'],
    },
    {
      name: 'is given where the labels match',
      world,
      service: named('labelled', { labels: { team: 'metallb' } }),
      expect: 'labelled 10.4.0.0',
    },
    {
      name: 'asks for namespace and labels where both are given',
      world,
      service: named('both'),
      expect: 'PoolForbidden',
    },
    {
      name: 'asks for the namespace also where the labels match',
      world,
      service: { ...named('both', { labels: { team: 'metallb' } }), key: 'team-c/web' },
      expect: 'PoolForbidden',
    },
    {
      name: 'is refused where its namespace selector matches nothing: fail closed',
      world,
      service: named('by-label'),
      expect: 'PoolForbidden',
    },
    {
      name: 'is refused to a namespace that is not known: fail closed',
      world,
      service: { ...named('by-label'), key: 'unknown/web' },
      expect: 'PoolForbidden',
    },
    {
      name: 'is given where its namespace selector matches',
      world,
      service: { ...named('by-label'), key: 'team-p/web' },
      expect: 'by-label 10.6.0.0',
    },
    {
      name: 'with a priority and no selector is pinned to nobody and given by name, as in MetalLB',
      world,
      service: named('last'),
      expect: 'last 10.7.0.0',
    },
    {
      name: 'that does not exist makes the Service wait: it may be about to arrive',
      world,
      service: named('ghost'),
      expect: 'waits NoPool',
      says: ['Waiting for pool "ghost": it does not exist; create the pool'],
      warns: ['Waiting for pool "ghost"'],
    },
    {
      name: 'that is being deleted makes the Service wait',
      world,
      service: named('going'),
      expect: 'waits NoPool',
      says: ['is being deleted'],
    },
    {
      name: 'that has faults makes the Service wait',
      world,
      service: named('faulty'),
      expect: 'waits NoPool',
      says: ['has faults and is not in force; have the pool corrected'],
    },
    {
      name: 'that is no name at all is refused by the field',
      world,
      service: named('no such name!'),
      expect: 'InvalidRequest',
      says: ['annotation metallb.io/address-pool "no such name!" can\'t be the name of a pool'],
    },
    {
      name: 'that is full is refused with its numbers and never replaced by another',
      world: {
        ...world,
        services: [
          { key: 'team-a/one', status: ['10.2.0.0'] },
          { key: 'team-b/two', status: ['10.2.0.1'] },
          { key: 'team-b/three', status: ['10.2.0.2'] },
          { key: 'team-b/four', status: ['10.2.0.3'] },
        ],
      },
      service: named('private'),
      expect: 'OutOfIPs',
      says: [
        'Cannot assign pool "private": 0 of 4 IPv4 addresses free (team-a holds 1)',
        'ask for "last" in annotation metallb.io/address-pool',
      ],
      hides: ['team-b'],
    },
  ]);
});

describe('the label berth.dev/pool of a namespace', () => {
  const pools = {
    open: '10.0.0.0/30',
    private: { addresses: ['10.1.0.0/30'], autoAssign: false },
    pinned: { addresses: ['10.2.0.0/30'], serviceAllocation: { namespaces: ['team-b'] } },
  };
  const labelled = (pool: string) => ({ pools, namespaces: { 'team-a': { 'berth.dev/pool': pool } } });
  decisions([
    {
      name: 'opens a pool whose autoAssign is false',
      world: labelled('private'),
      service: { key: 'team-a/web' },
      expect: 'private 10.1.0.0',
    },
    {
      name: 'never opens a pool that is pinned to others',
      world: labelled('pinned'),
      service: { key: 'team-a/web' },
      expect: 'PoolForbidden',
      says: ['which label berth.dev/pool of namespace team-a names', "have namespace team-a added to the pool's"],
    },
    {
      name: 'that names no pool makes the Service wait and never falls back',
      world: labelled('ghost'),
      service: { key: 'team-a/web' },
      expect: 'waits NoPool',
      says: ['Waiting for pool "ghost", which label berth.dev/pool of namespace team-a names: it does not exist'],
      warns: ['Waiting for pool "ghost"'],
    },
    {
      name: 'gives way to a pool that the Service names itself',
      world: labelled('private'),
      service: { key: 'team-a/web', annotations: { [POOL]: 'open' } },
      expect: 'open 10.0.0.0',
    },
    {
      name: 'counts for nothing where it is empty',
      world: labelled(''),
      service: { key: 'team-a/web' },
      expect: 'open 10.0.0.0',
    },
  ]);
});

describe('policies', () => {
  const pools = {
    edge: { addresses: ['10.0.0.0/31'], autoAssign: false },
    spare: { addresses: ['10.1.0.0/31'], autoAssign: false },
    pinned: { addresses: ['10.2.0.0/31'], serviceAllocation: { namespaces: ['other'] } },
    open: '10.3.0.0/24',
  };
  const filled = (pool: string, prefix: string) => [
    { key: `${pool}/one`, status: [`${prefix}.0`] },
    { key: `${pool}/two`, status: [`${prefix}.1`] },
  ];
  decisions([
    {
      name: 'the lower priority number goes first',
      world: { pools, policies: { a: { priority: 20, pools: ['spare'] }, b: { priority: 10, pools: ['edge'] } } },
      service: { key: 'team-a/web' },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'a policy without priority goes last',
      world: { pools, policies: { a: { pools: ['spare'] }, b: { priority: 10, pools: ['edge'] } } },
      service: { key: 'team-a/web' },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'ties are broken by name',
      world: { pools, policies: { b: { priority: 10, pools: ['spare'] }, a: { priority: 10, pools: ['edge'] } } },
      service: { key: 'team-a/web' },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'all parts of a match must hold',
      world: {
        pools,
        policies: { a: { match: { namespaces: ['team-a'], categories: ['database'] }, pools: ['edge'] } },
      },
      service: { key: 'team-a/web', annotations: { 'berth.dev/category': 'ingress' } },
      expect: 'open 10.3.0.0',
    },
    {
      name: 'a category may be any word, as label or annotation',
      world: { pools, policies: { a: { match: { categories: ['gaming', 'voice'] }, pools: ['edge'] } } },
      service: { key: 'team-a/web', labels: { 'berth.dev/category': 'voice' } },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'a namespace selector fails closed where the namespace is not known',
      world: { pools, policies: { a: { match: { namespaceSelector: {} }, pools: ['edge'] } } },
      service: { key: 'unknown/web' },
      expect: 'open 10.3.0.0',
    },
    {
      name: 'a policy without pools leaves the choice to the next one',
      world: {
        pools,
        policies: { a: { priority: 1, quota: { services: 9 } }, b: { priority: 2, pools: ['spare'] } },
      },
      service: { key: 'team-a/web' },
      expect: 'spare 10.1.0.0',
    },
    {
      name: 'a full pool overflows to the next in the order of the policy',
      world: { pools, policies: { a: { pools: ['edge', 'spare'] } }, services: filled('edge', '10.0.0') },
      service: { key: 'team-a/web' },
      expect: 'spare 10.1.0.0',
      says: ['AddressPolicy "a" overflows to pool "spare" ("edge" has 0 of 2 IPv4 addresses free)'],
    },
    {
      name: 'where every pool of the policy is full, no other pool is asked',
      world: {
        pools,
        policies: { a: { pools: ['edge', 'spare'] } },
        services: [...filled('edge', '10.0.0'), ...filled('spare', '10.1.0')],
      },
      service: { key: 'team-a/web' },
      expect: 'OutOfIPs',
      says: ['Cannot assign any of 2 pools', '"edge" has 0 of 2 IPv4 addresses free', 'ask for "open"'],
    },
    {
      name: 'with onExhausted Pend the Service waits instead',
      world: {
        pools,
        policies: { a: { pools: ['edge'], onExhausted: 'Pend' } },
        services: filled('edge', '10.0.0'),
      },
      service: { key: 'team-a/web' },
      expect: 'waits OutOfIPs',
      warns: ['0 of 2 IPv4 addresses free'],
    },
    {
      name: 'onExhausted counts also where the Service names the pool itself',
      world: { pools, policies: { a: { onExhausted: 'Pend' } }, services: filled('edge', '10.0.0') },
      service: { key: 'team-a/web', annotations: { [POOL]: 'edge' } },
      expect: 'waits OutOfIPs',
    },
    {
      name: 'what the first matching policy leaves open, the next one states',
      world: {
        pools,
        policies: { a: { priority: 1, pools: ['edge'] }, b: { priority: 2, onExhausted: 'Pend' } },
        services: filled('edge', '10.0.0'),
      },
      service: { key: 'team-a/web' },
      expect: 'waits OutOfIPs',
    },
    {
      name: 'a pool that is absent may be about to arrive: the Service waits',
      world: { pools, policies: { a: { pools: ['ghost'] } } },
      service: { key: 'team-a/web' },
      expect: 'waits NoPool',
      says: ['Waiting for pool "ghost", which AddressPolicy "a" names'],
    },
    {
      name: 'an absent pool is passed over where another one serves',
      world: { pools, policies: { a: { pools: ['ghost', 'edge'] } } },
      service: { key: 'team-a/web' },
      expect: 'edge 10.0.0.0',
    },
    {
      name: 'a policy never opens a pool that is pinned to others',
      world: { pools, policies: { a: { pools: ['pinned'] } } },
      service: { key: 'team-a/web' },
      expect: 'PoolForbidden',
      says: ['it is pinned to other namespaces'],
    },
    {
      name: 'Stable gives the same address whatever is free below it',
      world: { pools, policies: { a: { pools: ['open'], strategy: 'Stable' } } },
      service: { key: 'team-a/web' },
      expect: 'open 10.3.0.20',
    },
  ]);
});

describe('pools pinned by serviceAllocation', () => {
  const pin = (range: string, allocation: object, more = {}) => ({
    addresses: [range],
    serviceAllocation: allocation,
    ...more,
  });
  const team = { matchLabels: { team: 'metallb' } };
  const pools = {
    p6: pin('7.8.9.0/31', { priority: 10, namespaces: ['test-ns1'] }),
    p7: pin('10.11.12.0/31', { priority: 11, namespaces: ['test-ns1'] }),
    p8: pin('13.14.15.0/31', { priority: 9, serviceSelectors: [team] }),
    p9: pin('16.17.18.0/31', { namespaces: ['test-ns2'] }),
    pa: pin('19.20.21.0/31', { priority: 8, serviceSelectors: [team] }),
    pb: pin('22.23.24.0/31', { priority: 8, namespaces: ['test-ns1'], serviceSelectors: [team] }),
    pc: pin('25.26.27.0/31', { priority: 5, namespaces: ['test-ns1'], serviceSelectors: [team] }),
    pd: pin('28.29.30.0/31', { priority: 1, namespaces: ['test-ns1'] }, { autoAssign: false }),
    open: '1.2.3.0/31',
  };
  const labels = { team: 'metallb' };
  decisions([
    {
      name: 'the lowest priority number that matches the namespace goes first',
      world: { pools },
      service: { key: 'test-ns1/web' },
      expect: 'p6 7.8.9.0',
    },
    {
      name: 'a pool without priority is given where it is the only one pinned',
      world: { pools },
      service: { key: 'test-ns2/web' },
      expect: 'p9 16.17.18.0',
    },
    {
      name: 'labels pin a pool in any namespace',
      world: { pools },
      service: { key: 'elsewhere/web', labels },
      expect: 'pa 19.20.21.0',
    },
    {
      name: 'namespace and labels together win by priority',
      world: { pools },
      service: { key: 'test-ns1/web', labels },
      expect: 'pc 25.26.27.0',
    },
    {
      name: 'equal priorities are settled by name, never at random',
      world: { pools: { pa: pools.pa, pb: pools.pb } },
      service: { key: 'test-ns1/web', labels },
      expect: 'pa 19.20.21.0',
    },
    {
      name: 'a full pinned pool gives way to the next pinned one',
      world: {
        pools: { p6: pools.p6, p7: pools.p7 },
        services: [
          { key: 'x/one', status: ['7.8.9.0'] },
          { key: 'x/two', status: ['7.8.9.1'] },
        ],
      },
      service: { key: 'test-ns1/web' },
      expect: 'p7 10.11.12.0',
    },
    {
      name: 'where all pinned pools are full, the open ones serve',
      world: {
        pools: { p6: pools.p6, open: pools.open },
        services: [
          { key: 'x/one', status: ['7.8.9.0'] },
          { key: 'x/two', status: ['7.8.9.1'] },
        ],
      },
      service: { key: 'test-ns1/web' },
      expect: 'open 1.2.3.0',
    },
    {
      name: 'a pool pinned to others is never given by itself',
      world: { pools: { p9: pools.p9 } },
      service: { key: 'test-ns1/web' },
      expect: 'waits PoolSelectorMismatch',
      says: ['none is open to every Service, and none is pinned to this one', 'opened to namespace test-ns1'],
    },
  ]);
});

describe('pools open to all', () => {
  decisions([
    {
      name: 'without any pool the Service waits',
      world: {},
      service: { key: 'team-a/web' },
      expect: 'waits NoPool',
      says: ['Waiting for a pool: no IPAddressPool exists; create one'],
    },
    {
      name: 'a pool that is only given by name is said to be so',
      world: { pools: { private: { addresses: ['10.0.0.0/24'], autoAssign: false } } },
      service: { key: 'team-a/web' },
      expect: 'waits PoolSelectorMismatch',
      says: ['ask for "private" in annotation metallb.io/address-pool'],
    },
    {
      name: 'a full pool gives way to the next by name',
      world: { pools: { a: '10.0.0.0/32', b: '10.1.0.0/24' }, services: [{ key: 'x/one', status: ['10.0.0.0'] }] },
      service: { key: 'team-a/web' },
      expect: 'b 10.1.0.0',
    },
    {
      name: 'where all are full, the refusal counts each of them',
      world: {
        pools: { a: '10.0.0.0/32', b: '10.1.0.0/32' },
        services: [
          { key: 'x/one', status: ['10.0.0.0'] },
          { key: 'x/two', status: ['10.1.0.0'] },
        ],
      },
      service: { key: 'team-a/web' },
      expect: 'OutOfIPs',
      says: ['"a" has 0 of 1 IPv4 addresses free and "b" has 0 of 1 IPv4 addresses free'],
    },
    {
      name: 'a pool that is being deleted gives nothing anew',
      world: { pools: { a: { addresses: ['10.0.0.0/24'], deleting: true }, b: '10.1.0.0/24' } },
      service: { key: 'team-a/web' },
      expect: 'b 10.1.0.0',
    },
    {
      name: 'addresses that end in .0 or .255 are never given where the pool avoids them',
      world: { pools: { a: { addresses: ['10.0.0.255-10.0.1.1'], avoidBuggyIPs: true } } },
      service: { key: 'team-a/web' },
      expect: 'a 10.0.1.1',
    },
    {
      name: 'what others have reserved is not free, and the refusal counts it',
      world: {
        pools: { a: '10.0.0.0/31' },
        reservations: { r: { addresses: ['10.0.0.0/31'], namespace: 'team-b' } },
      },
      service: { key: 'team-a/web' },
      expect: 'OutOfIPs',
      says: ['0 of 2 IPv4 addresses free (2 reserved)'],
    },
    {
      name: 'a nearly full pool is warned of, not refused',
      world: {
        pools: { a: '10.0.0.0/29' },
        services: [0, 1, 2, 3, 4, 5, 6].map((n) => ({ key: `x/s${n}`, status: [`10.0.0.${n}`] })),
      },
      service: { key: 'team-a/web' },
      expect: 'a 10.0.0.7',
      warns: ['pool "a" is 100 % full: 8 of 8 IPv4 addresses used or reserved'],
    },
  ]);
});

describe('reservations', () => {
  const pools = { open: '10.0.0.0/24', private: { addresses: ['10.1.0.0/24'], autoAssign: false } };
  const forWeb = { addresses: ['10.1.0.7'], namespace: 'team-a', service: 'web' };
  decisions([
    {
      name: 'an address kept for the Service is given before it exists anywhere else',
      world: { pools, reservations: { r: forWeb } },
      service: { key: 'team-a/web' },
      expect: 'private 10.1.0.7',
    },
    {
      name: 'another Service of the namespace does not get it',
      world: { pools, reservations: { r: forWeb } },
      service: { key: 'team-a/api' },
      expect: 'open 10.0.0.0',
    },
    {
      name: 'another Service that asks for it learns for whom it is kept',
      world: { pools, reservations: { r: forWeb } },
      service: { key: 'team-b/web', ip: '10.1.0.7' },
      expect: 'AddressReserved',
      says: ['Cannot assign address 10.1.0.7 of pool "private": it is reserved for team-a/web'],
    },
    {
      name: 'a namespace gets what is kept for it',
      world: { pools, reservations: { r: { addresses: ['10.1.0.8-10.1.0.9'], namespace: 'team-a' } } },
      service: { key: 'team-a/any' },
      expect: 'private 10.1.0.8',
      says: ['keeps 10.1.0.8 of pool "private" for its namespace'],
    },
    {
      name: 'what is kept for the Service goes before what is kept for its namespace',
      world: {
        pools,
        reservations: { a: { addresses: ['10.0.0.9'], namespace: 'team-a' }, b: forWeb },
      },
      service: { key: 'team-a/web' },
      expect: 'private 10.1.0.7',
    },
    {
      name: 'a namespace whose reservation is used up goes on by the order',
      world: {
        pools,
        reservations: { r: { addresses: ['10.1.0.8'], namespace: 'team-a' } },
        services: [{ key: 'team-a/one', status: ['10.1.0.8'] }],
      },
      service: { key: 'team-a/two' },
      expect: 'open 10.0.0.0',
    },
    {
      name: 'a hold-down gives a Service that comes back its address',
      world: {
        pools,
        reservations: { h: { ...forWeb, holdDown: true, expiresAt: '2026-07-19T12:00:00Z' } },
      },
      service: { key: 'team-a/web' },
      expect: 'private 10.1.0.7',
    },
    {
      name: 'and keeps it from others, who learn why',
      world: {
        pools,
        reservations: { h: { ...forWeb, holdDown: true, expiresAt: '2026-07-19T12:00:00Z' } },
      },
      service: { key: 'team-b/web', ip: '10.1.0.7' },
      expect: 'AddressReserved',
      says: ['it is held down for team-a/web, which released it'],
    },
    {
      name: 'until it is over',
      world: {
        pools,
        reservations: { h: { ...forWeb, holdDown: true, expiresAt: '2026-07-19T11:00:00Z' } },
      },
      service: { key: 'team-b/web', ip: '10.1.0.7' },
      expect: 'private 10.1.0.7',
    },
    {
      name: 'a reservation opens a pool that is pinned to others: it is the platform that speaks',
      world: {
        pools: { pinned: { addresses: ['10.1.0.0/24'], serviceAllocation: { namespaces: ['team-b'] } } },
        reservations: { r: forWeb },
      },
      service: { key: 'team-a/web', ip: '10.1.0.7' },
      expect: 'pinned 10.1.0.7',
    },
    {
      name: 'but only for the address that is kept, not for another one of the pool',
      world: {
        pools: {
          pinned: { addresses: ['10.1.0.0/24', 'fd00::/120'], serviceAllocation: { namespaces: ['team-b'] } },
        },
        reservations: { r: forWeb },
      },
      service: {
        key: 'team-a/web',
        annotations: { [IPS]: '10.1.0.7,fd00::7' },
        families: ['IPv4', 'IPv6'],
      },
      expect: 'PoolForbidden',
    },
    {
      name: 'nor for an address of the other family beside it',
      world: {
        pools: {
          pinned: { addresses: ['10.1.0.0/24', 'fd00::/120'], serviceAllocation: { namespaces: ['team-b'] } },
        },
        reservations: { r: forWeb },
      },
      service: { key: 'team-a/web', families: ['IPv4', 'IPv6'], familyPolicy: 'PreferDualStack' },
      expect: 'pinned 10.1.0.7',
    },
    {
      name: 'within the pool that the Service names, what is kept for it is given first',
      world: { pools, reservations: { r: forWeb } },
      service: { key: 'team-a/web', annotations: { [POOL]: 'private' } },
      expect: 'private 10.1.0.7',
    },
  ]);
});

describe('a pool that was assigned at admission', () => {
  const pools = {
    a: '10.0.0.0/24',
    b: '10.1.0.0/24',
    pinned: { addresses: ['10.2.0.0/24'], serviceAllocation: { namespaces: ['team-b'] } },
  };
  const admitted = (pool: string, more: object = {}) => ({
    key: 'team-a/web',
    annotations: { 'berth.dev/assigned-pool': pool, ...more },
  });
  decisions([
    {
      name: 'is kept where the order would now choose another one',
      world: { pools },
      service: admitted('b'),
      expect: 'b 10.1.0.0',
      says: ['pool "b" was assigned at admission'],
    },
    {
      name: 'is not kept where the Service is no longer permitted to have it',
      world: { pools },
      service: admitted('pinned'),
      expect: 'a 10.0.0.0',
    },
    { name: 'is not kept where it is gone', world: { pools }, service: admitted('gone'), expect: 'a 10.0.0.0' },
    {
      name: 'gives way to what the Service asks for',
      world: { pools },
      service: admitted('b', { [IPS]: '10.0.0.9' }),
      expect: 'a 10.0.0.9',
    },
    {
      name: 'tells the reason of the order where the order agrees',
      world: { pools },
      service: admitted('a'),
      expect: 'a 10.0.0.0',
      says: ['pool "a" is given to every Service that names none'],
    },
  ]);
});
