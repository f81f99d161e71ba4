import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expectProblem } from '../../../test/support/config-rows.ts';
import type { KubeObject } from '../api/kubernetes.ts';
import { formatRange } from '../net/range.ts';
import { buildConfiguration } from './build.ts';
import type { Configuration } from './configuration.ts';
import { EMPTY_CONFIGURATION } from './configuration.ts';
import { EMPTY_RAW_CONFIGURATION, type RawConfiguration } from './raw-configuration.ts';

interface Options {
  readonly labels?: Record<string, string>;
  readonly created?: string;
}

function object(
  name: string,
  spec: unknown,
  { labels = {}, created = '2026-01-01T00:00:00Z' }: Options = {},
): KubeObject {
  return { metadata: { name, namespace: 'metallb-system', labels, creationTimestamp: created }, spec } as KubeObject;
}

function node(name: string, ...addresses: string[]): KubeObject {
  const list = addresses.map((address) => ({ type: 'InternalIP', address }));
  return {
    metadata: { name, labels: { host: name } },
    status: { addresses: [...list, { type: 'Hostname', address: name }] },
  } as KubeObject;
}

const build = (raw: Partial<RawConfiguration>): Configuration =>
  buildConfiguration({ ...EMPTY_RAW_CONFIGURATION, ...raw });
const rangesOf = (configuration: Configuration, pool: string) => configuration.pools.get(pool)?.ranges.map(formatRange);
const problemsOf = (configuration: Configuration, key: string) => configuration.problems.get(key) ?? [];

test('nothing configured is the empty configuration', () => {
  assert.deepEqual(build({}), EMPTY_CONFIGURATION);
});

test('everything comes out in the promised order', () => {
  const configuration = build({
    ipAddressPools: [object('z', { addresses: ['192.0.2.0/28'] }), object('a', { addresses: ['198.51.100.0/28'] })],
    addressPolicies: [
      object('last', { pools: ['a'] }),
      object('second', { priority: 5, quota: { services: 1 } }),
      object('first', { priority: 5, pools: ['a'] }),
    ],
    addressReservations: [
      object('y', { addresses: ['192.0.2.2'], namespace: 'n' }),
      object('x', { addresses: ['192.0.2.1'], namespace: 'n' }),
    ],
    l2Advertisements: [object('m', {}), object('l', {})],
  });
  assert.deepEqual([...configuration.pools.keys()], ['a', 'z']);
  assert.deepEqual(
    configuration.policies.map(({ name }) => name),
    ['first', 'second', 'last'],
  );
  assert.deepEqual(
    configuration.reservations.map(({ name }) => name),
    ['x', 'y'],
  );
  assert.deepEqual(
    configuration.l2Advertisements.map(({ name }) => name),
    ['l', 'm'],
  );
  assert.equal(configuration.problems.size, 0);
});

test('an object in error is left out and listed, the others go on', () => {
  const configuration = build({
    ipAddressPools: [object('good', { addresses: ['192.0.2.0/28'] }), object('bad', { addresses: ['0.0.0.0/0'] })],
  });
  assert.deepEqual([...configuration.pools.keys()], ['good']);
  expectProblem(problemsOf(configuration, 'IPAddressPool/bad'), 'error', 'spec.addresses[0]', /whole of IPv4/);
});

test('of two pools that overlap the elder keeps the common part, and both are told', () => {
  const configuration = build({
    ipAddressPools: [
      object('a-young', { addresses: ['10.0.0.0/24', '10.1.0.0/24'] }, { created: '2026-02-01T00:00:00Z' }),
      object('z-old', { addresses: ['10.0.0.64/26'] }, { created: '2026-01-01T00:00:00Z' }),
    ],
  });
  assert.deepEqual(rangesOf(configuration, 'z-old'), ['10.0.0.64/26']);
  assert.deepEqual(rangesOf(configuration, 'a-young'), ['10.0.0.0/26', '10.0.0.128/25', '10.1.0.0/24']);
  expectProblem(
    problemsOf(configuration, 'IPAddressPool/a-young'),
    'warning',
    'spec.addresses',
    /overlaps 10\.0\.0\.64\/26 of pool "z-old"/,
  );
  expectProblem(
    problemsOf(configuration, 'IPAddressPool/z-old'),
    'warning',
    'spec.addresses',
    /overlaps 10\.0\.0\.0\/24 of the younger pool "a-young"/,
  );
});

test('a pool whose every address is an elder one’s is left out', () => {
  const configuration = build({
    ipAddressPools: [
      object('old', { addresses: ['10.0.0.0/24'] }, { created: '2026-01-01T00:00:00Z' }),
      object('young', { addresses: ['10.0.0.0/25'] }, { created: '2026-02-01T00:00:00Z' }),
    ],
  });
  assert.deepEqual([...configuration.pools.keys()], ['old']);
  expectProblem(problemsOf(configuration, 'IPAddressPool/young'), 'error', 'spec.addresses', /no address left/);
});

test('the address of a node is never a Service’s', () => {
  const configuration = build({
    ipAddressPools: [object('edge', { addresses: ['192.0.2.0/29', '2001:db8::/126'] })],
    nodes: [node('n1', '192.0.2.2', '2001:db8::1'), node('n2', '10.0.0.1')],
  });
  assert.deepEqual(rangesOf(configuration, 'edge'), [
    '192.0.2.0/31',
    '192.0.2.3-192.0.2.7',
    '2001:db8::/128',
    '2001:db8::2/127',
  ]);
  expectProblem(
    problemsOf(configuration, 'IPAddressPool/edge'),
    'warning',
    'spec.addresses',
    /holds 192\.0\.2\.2, the address of node "n1"/,
  );
});

test('pools never share an address, never hold a node, and lose no other address', () => {
  const range = fc
    .tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const written = fc.array(range, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(written, { maxLength: 6 }),
      fc.array(fc.nat({ max: 255 }), { maxLength: 3 }),
      (pools, hosts) => {
        const { pools: settled, problems } = build({
          ipAddressPools: pools.map((ranges, index) =>
            object(`p${index}`, { addresses: ranges.map(([a, b]) => `10.0.0.${a}-10.0.0.${b}`) }),
          ),
          nodes: hosts.map((host, index) => node(`n${index}`, `10.0.0.${host}`)),
        });
        const owners = new Map<bigint, string>();
        for (const [name, { ranges }] of settled) {
          for (const { first, last } of ranges) {
            for (let value = first; value <= last; value += 1n) {
              assert.equal(owners.get(value), undefined, 'one owner');
              owners.set(value, name);
            }
          }
        }
        const base = 10n << 24n;
        for (const host of hosts) assert.equal(owners.get(base + BigInt(host)), undefined);
        pools.forEach((ranges, index) => {
          // A pool that is faulty by itself (ranges that overlap in one list) has no part in it.
          if ((problems.get(`IPAddressPool/p${index}`) ?? []).some(({ severity }) => severity === 'error')) return;
          for (const [first, last] of ranges) {
            for (let host = first; host <= last; host += 1) {
              assert.ok(hosts.includes(host) || owners.has(base + BigInt(host)), `10.0.0.${host} is somebody's`);
            }
          }
        });
      },
    ),
    { numRuns: 200 },
  );
});

test('ten thousand pools that all want the same addresses are settled in bounded work', () => {
  const ipAddressPools = Array.from({ length: 10_000 }, (_, index) =>
    object(`p${index}`, { addresses: ['10.0.0.0/8'] }),
  );
  const configuration = build({ ipAddressPools });
  assert.deepEqual([...configuration.pools.keys()], ['p0']);
  assert.equal(configuration.problems.size, 10_000);
});

test('a pool over ten thousand others is refused as a whole', () => {
  const small = Array.from({ length: 10_000 }, (_, index) =>
    object(`p${index}`, { addresses: [`10.${index >> 8}.${index & 255}.0/24`] }),
  );
  const configuration = build({
    ipAddressPools: [...small, object('wide', { addresses: ['10.0.0.0/8'] }, { created: '2027-01-01T00:00:00Z' })],
  });
  assert.equal(configuration.pools.size, 10_000);
  expectProblem(problemsOf(configuration, 'IPAddressPool/wide'), 'error', 'spec.addresses', /1000 and more ranges/);
});

test('of two objects of one name the first is taken', () => {
  const configuration = build({
    ipAddressPools: [
      object('edge', { addresses: ['192.0.2.0/28'] }),
      object('edge', { addresses: ['198.51.100.0/28'] }),
    ],
  });
  assert.deepEqual(rangesOf(configuration, 'edge'), ['192.0.2.0/28']);
  expectProblem(problemsOf(configuration, 'IPAddressPool/edge'), 'error', 'metadata.name', /another IPAddressPool/);
});

test('absent references are warned of, whatever the kind, and nothing is left out', async (t) => {
  const peer = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1' };
  const configuration = build({
    l2Advertisements: [object('l2', { ipAddressPools: ['none'] })],
    bgpAdvertisements: [object('bgp', { peers: ['none'], communities: ['none'], ipAddressPools: ['none'] })],
    bgpPeers: [object('peer', { ...peer, bfdProfile: 'none' })],
    addressPolicies: [object('policy', { pools: ['none'], quota: { perPool: { other: 1 } } })],
    addressReservations: [object('kept', { addresses: ['192.0.2.9'], namespace: 'a' })],
  });
  const rows: readonly [key: string, path: string, message: RegExp][] = [
    ['L2Advertisement/l2', 'spec.ipAddressPools', /no IPAddressPool yet/],
    ['L2Advertisement/l2', 'spec', /covers no pool/],
    ['BGPAdvertisement/bgp', 'spec.ipAddressPools', /no IPAddressPool yet/],
    ['BGPAdvertisement/bgp', 'spec.peers', /no BGPPeer yet/],
    ['BGPAdvertisement/bgp', 'spec.communities', /no alias of a Community yet/],
    ['BGPPeer/peer', 'spec.bfdProfile', /no BFDProfile yet/],
    ['AddressPolicy/policy', 'spec.pools', /no IPAddressPool yet/],
    ['AddressPolicy/policy', 'spec.quota.perPool', /no IPAddressPool yet/],
    ['AddressReservation/kept', 'spec.addresses', /in no IPAddressPool/],
  ];
  for (const [key, path, message] of rows) {
    await t.test(`${key} ${path}`, () => expectProblem(problemsOf(configuration, key), 'warning', path, message));
  }
  assert.equal(configuration.l2Advertisements.length, 1);
  assert.equal(configuration.bgpAdvertisements.length, 1);
  assert.equal(configuration.bgpPeers[0]?.bfdProfile, 'none');
  assert.equal(configuration.policies.length, 1);
  assert.equal(configuration.reservations.length, 1);
});

test('a BFDProfile in error is told to the peer that names it', () => {
  const configuration = build({
    bfdProfiles: [object('fast', { receiveInterval: 1 })],
    bgpPeers: [object('peer', { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1', bfdProfile: 'fast' })],
  });
  expectProblem(problemsOf(configuration, 'BGPPeer/peer'), 'warning', 'spec.bfdProfile', /in error/);
});

test('aliases of all Community objects serve all advertisements', () => {
  const configuration = build({
    communities: [object('c', { communities: [{ name: 'edge', value: '64512:1' }] })],
    bgpAdvertisements: [object('bgp', { communities: ['edge'] })],
  });
  assert.deepEqual(configuration.bgpAdvertisements[0]?.communities, [{ kind: 'standard', global: 64512, local: 1 }]);
});

test('an alias that two objects give is the elder one’s', () => {
  const configuration = build({
    communities: [
      object('young', { communities: [{ name: 'edge', value: '1:1' }] }, { created: '2026-02-01T00:00:00Z' }),
      object('old', { communities: [{ name: 'edge', value: '2:2' }] }, { created: '2026-01-01T00:00:00Z' }),
    ],
    bgpAdvertisements: [object('bgp', { communities: ['edge'] })],
  });
  assert.deepEqual(
    configuration.communities.map(({ name }) => name),
    ['old'],
  );
  assert.deepEqual(configuration.bgpAdvertisements[0]?.communities, [{ kind: 'standard', global: 2, local: 2 }]);
  expectProblem(problemsOf(configuration, 'Community/young'), 'error', 'spec.communities', /alias of Community "old"/);
});

test('two peers with one neighbour', async (t) => {
  const nodes = [node('n1'), node('n2')];
  const peer = (spec: object) => ({ myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...spec });
  const on = (...hosts: string[]) => ({ nodeSelectors: hosts.map((host) => ({ matchLabels: { host } })) });
  const rows: readonly [name: string, first: object, second: object, nodes: readonly KubeObject[], kept: number][] = [
    ['the same address', {}, {}, nodes, 1],
    ['the same address written otherwise', { peerAddress: '2001:db8::1' }, { peerAddress: '2001:DB8:0::1' }, nodes, 1],
    ['another address', {}, { peerAddress: '192.0.2.2' }, nodes, 2],
    ['another port', {}, { peerPort: 1790 }, nodes, 2],
    ['another VRF', {}, { vrf: 'red' }, nodes, 2],
    ['the same VRF', { vrf: 'red' }, { vrf: 'red' }, nodes, 1],
    ['different nodes', on('n1'), on('n2'), nodes, 2],
    ['a common node', on('n1'), on('n1', 'n2'), nodes, 1],
    ['one of them on every node', on('n1'), {}, nodes, 1],
    ['different nodes, but none is known', on('n1'), on('n2'), [], 1],
    [
      'the same interface',
      { peerAddress: undefined, interface: 'eth1' },
      { peerAddress: undefined, interface: 'eth1' },
      nodes,
      1,
    ],
    [
      'another interface',
      { peerAddress: undefined, interface: 'eth1' },
      { peerAddress: undefined, interface: 'eth2' },
      nodes,
      2,
    ],
  ];
  for (const [name, first, second, known, kept] of rows) {
    await t.test(name, () => {
      const configuration = build({ bgpPeers: [object('a', peer(first)), object('b', peer(second))], nodes: known });
      assert.equal(configuration.bgpPeers.length, kept);
      if (kept === 2) return;
      const path = 'interface' in first ? 'spec.interface' : 'spec.peerAddress';
      expectProblem(problemsOf(configuration, 'BGPPeer/b'), 'error', path, /neighbour of BGPPeer "a"/);
    });
  }
});

test('a route may not be wider than its pool', async (t) => {
  const rows: readonly [name: string, addresses: readonly string[], spec: object, fault: RegExp | undefined][] = [
    ['one route an address', ['192.0.2.0/28'], {}, undefined],
    ['as wide as the pool', ['192.0.2.0/24'], { aggregationLength: 24 }, undefined],
    ['narrower than the pool', ['192.0.2.0/24'], { aggregationLength: 26 }, undefined],
    ['wider than the pool', ['192.0.2.0/28'], { aggregationLength: 24 }, /whose largest prefix is \/28/],
    [
      'wider than one of its ranges',
      ['192.0.2.0/24', '198.51.100.0/28'],
      { aggregationLength: 24 },
      /198\.51\.100\.0\/28/,
    ],
    ['a span that holds such a prefix', ['192.0.1.200-192.0.3.10'], { aggregationLength: 24 }, undefined],
    ['a span that holds none', ['192.0.2.1-192.0.2.254'], { aggregationLength: 24 }, /whose largest prefix is \/26/],
    ['the other family has its own length', ['2001:db8::/112'], { aggregationLength: 8 }, undefined],
    ['wider than an IPv6 pool', ['2001:db8::/112'], { aggregationLengthV6: 64 }, /largest prefix is \/112/],
    [
      'a pool that it does not cover',
      ['192.0.2.0/28'],
      { aggregationLength: 24, ipAddressPools: ['other'] },
      undefined,
    ],
  ];
  for (const [name, addresses, spec, fault] of rows) {
    await t.test(name, () => {
      const configuration = build({
        ipAddressPools: [object('edge', { addresses })],
        bgpAdvertisements: [object('bgp', spec)],
      });
      assert.equal(configuration.bgpAdvertisements.length, fault === undefined ? 1 : 0);
      const problems = problemsOf(configuration, 'BGPAdvertisement/bgp');
      const path = 'aggregationLengthV6' in spec ? 'spec.aggregationLengthV6' : 'spec.aggregationLength';
      if (fault !== undefined) expectProblem(problems, 'error', path, fault);
    });
  }
});

test('a node in the middle of a pool does not narrow its routes', () => {
  const configuration = build({
    ipAddressPools: [object('edge', { addresses: ['192.0.2.0/24'] })],
    bgpAdvertisements: [object('bgp', { aggregationLength: 24 })],
    nodes: [node('n1', '192.0.2.100')],
  });
  assert.equal(configuration.bgpAdvertisements.length, 1);
});

test('reservations', async (t) => {
  const pool = object('edge', { addresses: ['192.0.2.0/24'] });
  const kept = (name: string, spec: object) =>
    object(name, { addresses: ['192.0.2.8/29'], namespace: 'team-a', ...spec });
  const rows: readonly [name: string, first: object, second: object, warned: RegExp | undefined][] = [
    ['two namespaces', {}, { namespace: 'team-b' }, /kept for namespace "team-a"/],
    ['two Services', { service: 'web' }, { service: 'api' }, /kept for team-a\/web/],
    ['one owner twice', { service: 'web' }, { service: 'web' }, undefined],
    ['a Service of the namespace', {}, { service: 'web' }, undefined],
    ['other addresses', {}, { namespace: 'team-b', addresses: ['192.0.2.0/29'] }, undefined],
    ['one address in common', {}, { namespace: 'team-b', addresses: ['192.0.2.15-192.0.2.20'] }, /kept for/],
    [
      'a hold-down of another',
      { service: 'web', holdDown: true, expiresAt: '2030-01-01T00:00:00Z' },
      { namespace: 'team-b' },
      /until its hold-down ends/,
    ],
  ];
  for (const [name, first, second, warned] of rows) {
    await t.test(name, () => {
      const configuration = build({
        ipAddressPools: [pool],
        addressReservations: [kept('a', first), kept('b', second)],
      });
      assert.equal(configuration.reservations.length, 2, 'both stay: what is disputed goes to nobody');
      const problems = problemsOf(configuration, 'AddressReservation/b');
      if (warned === undefined) assert.deepEqual(problems, []);
      else expectProblem(problems, 'warning', 'spec.addresses', warned);
    });
  }
});

test('policies of equal priority that contradict each other', async (t) => {
  const front = { namespaceSelector: { matchLabels: { tier: 'front' } } };
  const back = { namespaceSelector: { matchLabels: { tier: 'back' } } };
  const rows: readonly [name: string, first: object, second: object, warned: RegExp | undefined][] = [
    [
      'the same Services, other pools',
      { pools: ['a'] },
      { pools: ['b'] },
      /otherwise on pools, for the very same Services/,
    ],
    ['the same pools', { pools: ['a'] }, { pools: ['a'] }, undefined],
    ['the same pools in another order', { pools: ['a', 'b'] }, { pools: ['b', 'a'] }, /otherwise on pools/],
    ['different rules', { pools: ['a'] }, { quota: { services: 1 } }, undefined],
    ['another priority', { pools: ['a'], priority: 1 }, { pools: ['b'], priority: 2 }, undefined],
    [
      'other namespaces',
      { pools: ['a'], match: { namespaces: ['x'] } },
      { pools: ['b'], match: { namespaces: ['y'] } },
      undefined,
    ],
    [
      'a namespace in common',
      { pools: ['a'], match: { namespaces: ['x', 'y'] } },
      { pools: ['b'], match: { namespaces: ['y'] } },
      /may match the same/,
    ],
    [
      'one for a namespace, one for all',
      { pools: ['a'], match: { namespaces: ['x'] } },
      { pools: ['b'] },
      /may match the same/,
    ],
    [
      'one for all, one for a namespace',
      { pools: ['a'] },
      { pools: ['b'], match: { namespaces: ['x'] } },
      /may match the same/,
    ],
    [
      'other categories',
      { pools: ['a'], match: { categories: ['x'] } },
      { pools: ['b'], match: { categories: ['y'] } },
      undefined,
    ],
    ['selectors that exclude each other', { pools: ['a'], match: front }, { pools: ['b'], match: back }, undefined],
    [
      'selectors that may meet',
      { pools: ['a'], match: front },
      { pools: ['b'], match: { serviceSelector: {} } },
      /may match the same/,
    ],
    ['another quota', { quota: { perPool: { a: 1 } } }, { quota: { perPool: { a: 2 } } }, /otherwise on quota/],
    ['the same quota', { quota: { perPool: { a: 1, b: 2 } } }, { quota: { perPool: { b: 2, a: 1 } } }, undefined],
    [
      'two words at once',
      { strategy: 'Stable', onExhausted: 'Pend' },
      { strategy: 'Lowest', onExhausted: 'Reject' },
      /on strategy, onExhausted/,
    ],
  ];
  const ipAddressPools = [object('a', { addresses: ['10.0.0.0/24'] }), object('b', { addresses: ['10.0.1.0/24'] })];
  for (const [name, first, second, warned] of rows) {
    await t.test(name, () => {
      const configuration = build({ ipAddressPools, addressPolicies: [object('p1', first), object('p2', second)] });
      assert.equal(configuration.policies.length, 2);
      const problems = problemsOf(configuration, 'AddressPolicy/p2');
      if (warned === undefined) assert.deepEqual(problems, []);
      else assert.match(problems.map(({ message }) => message).join('\n'), warned);
    });
  }
});

test('one route has one preference', async (t) => {
  const peers = ['p1', 'p2'].map((name, index) =>
    object(name, { myASN: 1, peerASN: 2, peerAddress: `192.0.2.${index + 1}` }),
  );
  const dual = [object('edge', { addresses: ['198.51.100.0/24'] })];
  const rows: readonly [name: string, first: object, second: object, disputed: boolean][] = [
    ['different preferences', { localPref: 100 }, { localPref: 200 }, true],
    ['equal preferences', { localPref: 100 }, { localPref: 100 }, false],
    ['another aggregation', { localPref: 100 }, { localPref: 200, aggregationLength: 26 }, false],
    ['other peers', { localPref: 100, peers: ['p1'] }, { localPref: 200, peers: ['p2'] }, false],
    ['one for every peer', { localPref: 100, peers: ['p1'] }, { localPref: 200 }, true],
    ['other pools', { localPref: 100 }, { localPref: 200, ipAddressPools: ['other'] }, false],
    ['selected Services', { localPref: 100 }, { localPref: 200, serviceSelectors: [{}] }, false],
    [
      'other nodes',
      { localPref: 100, nodeSelectors: [{ matchLabels: { host: 'n1' } }] },
      { localPref: 200, nodeSelectors: [{ matchLabels: { host: 'n2' } }] },
      false,
    ],
  ];
  for (const [name, first, second, disputed] of rows) {
    await t.test(name, () => {
      const configuration = build({
        ipAddressPools: dual,
        bgpPeers: peers,
        bgpAdvertisements: [object('a', first), object('b', second)],
        nodes: [node('n1'), node('n2')],
      });
      const messages = problemsOf(configuration, 'BGPAdvertisement/b')
        .map(({ message }) => message)
        .join('\n');
      assert.equal(/differs from 100 of BGPAdvertisement "a"/.test(messages), disputed, messages);
    });
  }
});

test('echo of BFD and IPv6 do not go together', () => {
  const raw = {
    ipAddressPools: [object('six', { addresses: ['2001:db8::/64'] })],
    bfdProfiles: [object('fast', { echoMode: true })],
    bgpPeers: [object('peer', { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1', bfdProfile: 'fast' })],
    bgpAdvertisements: [object('bgp', {})],
  };
  expectProblem(problemsOf(build(raw), 'BGPAdvertisement/bgp'), 'warning', 'spec', /echoMode on/);
  const four = { ...raw, ipAddressPools: [object('four', { addresses: ['192.0.2.0/24'] })] };
  assert.deepEqual(problemsOf(build(four), 'BGPAdvertisement/bgp'), []);
});

test('node selectors that take no known node are warned of', () => {
  const configuration = build({
    ipAddressPools: [object('edge', { addresses: ['192.0.2.0/28'] })],
    l2Advertisements: [object('l2', { nodeSelectors: [{ matchLabels: { host: 'n9' } }] })],
    nodes: [node('n1')],
  });
  expectProblem(problemsOf(configuration, 'L2Advertisement/l2'), 'warning', 'spec.nodeSelectors', /matches no node/);
});
