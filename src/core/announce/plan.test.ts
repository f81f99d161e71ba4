import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Node, Service } from '../api/kubernetes.ts';
import { EMPTY_CONFIGURATION, type Pool } from '../config/configuration.ts';
import type { L2Advertisement } from '../config/l2-advertisement.ts';
import type { Selector } from '../config/selector.ts';
import { parseRange } from '../net/range.ts';
import { type ClusterSnapshot, planAnnouncements } from './plan.ts';

function select(key: string, value: string): Selector {
  return { requirements: [{ key, operator: 'In', values: new Set([value]) }] };
}

function pool(name: string, range: string, labels = {}): Pool {
  const parsed = parseRange(range);
  assert.ok(parsed.ok);
  return {
    name,
    labels,
    ranges: [parsed.value.range],
    families: [parsed.value.range.family],
    autoAssign: true,
    avoidBuggyIPs: false,
    serviceAllocation: undefined,
    onConflict: 'Defend',
    generation: 1,
    deleting: false,
  };
}

const EVERYTHING: L2Advertisement = {
  name: 'all',
  ipAddressPools: [],
  ipAddressPoolSelectors: [],
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodeSelectors: [],
  generation: 1,
};

function node(
  name: string,
  over: { labels?: Record<string, string>; cordoned?: boolean; conditions?: Record<string, string> } = {},
): Node {
  const conditions = { Ready: 'True', ...over.conditions };
  return {
    metadata: { name, labels: { zone: name, ...over.labels } },
    spec: { unschedulable: over.cordoned ?? false },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  };
}

function service(name: string, ips: readonly string[], over: Partial<Service['spec']> = {}, pool?: string): Service {
  const annotations = pool === undefined ? {} : { 'metallb.io/ip-allocated-from-pool': pool };
  return {
    metadata: { name, namespace: 'shop', labels: { app: name }, annotations },
    spec: { type: 'LoadBalancer', ...over },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

function snapshot(over: Partial<ClusterSnapshot> & { ads?: readonly L2Advertisement[] }): ClusterSnapshot {
  return {
    services: [service('web', ['192.0.2.10'])],
    endpointSlices: new Map(),
    nodes: [node('n1'), node('n2')],
    configuration: {
      ...EMPTY_CONFIGURATION,
      pools: new Map([['edge', pool('edge', '192.0.2.0/24', { tier: 'edge' })]]),
      l2Advertisements: over.ads ?? [EVERYTHING],
    },
    loadBalancerClass: undefined,
    ...over,
  };
}

function candidatesOf(given: ClusterSnapshot, address = '192.0.2.10'): readonly string[] | undefined {
  return planAnnouncements(given)
    .addresses.get(address)
    ?.candidates.map((each) => each.node);
}

const NODES: readonly (readonly [string, Node, readonly string[], string | undefined])[] = [
  [
    'a node with the exclude label is none',
    node('n2', { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } }),
    ['n1'],
    'Excluded',
  ],
  [
    'the exclude label counts whatever its value',
    node('n2', { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'false' } }),
    ['n1'],
    'Excluded',
  ],
  [
    'a node without network is none',
    node('n2', { conditions: { NetworkUnavailable: 'True' } }),
    ['n1'],
    'NetworkUnavailable',
  ],
  [
    'a node that is not ready is a last resort',
    node('n2', { conditions: { Ready: 'Unknown' } }),
    ['n1', 'n2'],
    'NotReady',
  ],
  ['a cordoned node is a last resort', node('n2', { cordoned: true }), ['n1', 'n2'], 'Cordoned'],
  ['a healthy node is a candidate without a remark', node('n2'), ['n1', 'n2'], undefined],
];

for (const [name, second, expected, reason] of NODES) {
  test(`candidates: ${name}`, () => {
    const given = snapshot({ nodes: [second, node('n1')] });
    assert.deepEqual(candidatesOf(given), expected);
    assert.equal(planAnnouncements(given).addresses.get('192.0.2.10')?.standings.get('n2'), reason);
  });
}

test('candidates: an advertisement with node selectors leaves the others out, with the reason', () => {
  const given = snapshot({ ads: [{ ...EVERYTHING, nodeSelectors: [select('zone', 'n2')] }] });
  assert.deepEqual(candidatesOf(given), ['n2']);
  assert.equal(planAnnouncements(given).addresses.get('192.0.2.10')?.standings.get('n1'), 'NotSelected');
});

function slice(nodeName: string, conditions: object, addressType = 'IPv4'): EndpointSlice {
  return { metadata: { name: 's' }, addressType, endpoints: [{ addresses: ['10.0.0.1'], nodeName, conditions }] };
}

const LOCAL = service('web', ['192.0.2.10'], { externalTrafficPolicy: 'Local' });

const ENDPOINTS: readonly (readonly [string, readonly EndpointSlice[], readonly string[]])[] = [
  ['without endpoints no node is a candidate', [], []],
  ['the node with a ready endpoint is', [slice('n2', { ready: true })], ['n2']],
  ['an absent ready means ready', [slice('n2', {})], ['n2']],
  ['endpoints of the other family do not count', [slice('n2', { ready: true }, 'IPv6')], []],
  ['an endpoint that fails its probe does not count', [slice('n2', { ready: false, serving: false })], []],
  [
    'one that terminates counts where none is ready',
    [slice('n1', { ready: false, serving: true, terminating: true })],
    ['n1'],
  ],
  [
    'one that terminates does not count beside a ready one',
    [slice('n1', { ready: false, serving: true, terminating: true }), slice('n2', { ready: true })],
    ['n2'],
  ],
];

for (const [name, slices, expected] of ENDPOINTS) {
  test(`externalTrafficPolicy Local: ${name}`, () => {
    const given = snapshot({ services: [LOCAL], endpointSlices: new Map([['shop/web', slices]]) });
    assert.deepEqual(candidatesOf(given), expected);
  });
}

const OMISSIONS: readonly (readonly [
  string,
  Partial<ClusterSnapshot> & { ads?: readonly L2Advertisement[] },
  string,
])[] = [
  [
    'a Service of another class',
    { services: [service('web', ['192.0.2.10'], { loadBalancerClass: 'io.cilium/l2' })] },
    'ForeignClass',
  ],
  ['a Service without class where one is served', { loadBalancerClass: 'berth.dev/berth' }, 'ForeignClass'],
  ['an address of no pool', { services: [service('web', ['198.51.100.1'])] }, 'NoPool'],
  ['text that is no address', { services: [service('web', ['192.0.2.010'])] }, 'MalformedAddress'],
  ['a pool that no advertisement names', { ads: [{ ...EVERYTHING, ipAddressPools: ['other'] }] }, 'NotAdvertised'],
  [
    'a pool selector that matches nothing',
    { ads: [{ ...EVERYTHING, ipAddressPoolSelectors: [select('tier', 'core')] }] },
    'NotAdvertised',
  ],
  [
    'a Service that no selector matches',
    { ads: [{ ...EVERYTHING, serviceSelectors: [select('app', 'api')] }] },
    'NotAdvertised',
  ],
  ['no advertisement at all', { ads: [] }, 'NotAdvertised'],
];

for (const [name, over, reason] of OMISSIONS) {
  test(`left out: ${name}`, () => {
    const plan = planAnnouncements(snapshot(over));
    assert.equal(plan.addresses.size, 0);
    assert.deepEqual(
      plan.omitted.map((each) => each.reason),
      [reason],
    );
  });
}

test('an address whose pool was deleted while in use is still announced', () => {
  const given = snapshot({ services: [service('web', ['203.0.113.7'], {}, 'gone')] });
  assert.deepEqual(candidatesOf(given, '203.0.113.7'), ['n1', 'n2']);
});

test('a ClusterIP Service that still shows an address, and one that is being deleted, are not announced', () => {
  const deleted = service('old', ['192.0.2.11']);
  const given = snapshot({
    services: [
      service('web', ['192.0.2.10'], { type: 'ClusterIP' }),
      { ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    ],
  });
  assert.deepEqual(planAnnouncements(given), { addresses: new Map(), omitted: [] });
});

test('interfaces of the advertisements that select a node are joined, and one without any allows all', () => {
  const first = { ...EVERYTHING, name: 'a', interfaces: ['eth1'] };
  const second = { ...EVERYTHING, name: 'b', interfaces: ['eth0'] };
  const interfacesWith = (ads: readonly L2Advertisement[]) =>
    planAnnouncements(snapshot({ ads })).addresses.get('192.0.2.10')?.candidates[0]?.interfaces;
  assert.deepEqual(interfacesWith([first, second]), ['eth0', 'eth1']);
  assert.deepEqual(interfacesWith([first, EVERYTHING]), []);
});

test('weights of the preferred node selectors that match are added up', () => {
  const preferring = {
    ...EVERYTHING,
    preferredNodeSelectors: [
      { weight: 10, preference: select('zone', 'n2') },
      { weight: 5, preference: { requirements: [] } },
    ],
  };
  const plan = planAnnouncements(snapshot({ ads: [preferring] }));
  assert.deepEqual(
    plan.addresses.get('192.0.2.10')?.candidates.map((each) => each.weight),
    [5, 15],
  );
});

test('Services that share an address share its announcer', () => {
  const api = service('api', ['192.0.2.10'], { externalTrafficPolicy: 'Local' });
  const given = snapshot({
    services: [service('web', ['192.0.2.10']), api],
    endpointSlices: new Map([['shop/api', [slice('n2', { ready: true })]]]),
  });
  const planned = planAnnouncements(given).addresses.get('192.0.2.10');
  assert.deepEqual(planned?.services, ['shop/api', 'shop/web']);
  assert.deepEqual(
    planned?.candidates.map((each) => each.node),
    ['n2'],
  );
});

test('a Service whose endpoints are all gone does not silence the one it shares an address with', () => {
  const api = service('api', ['192.0.2.10'], { externalTrafficPolicy: 'Local' });
  assert.deepEqual(candidatesOf(snapshot({ services: [service('web', ['192.0.2.10']), api] })), ['n1', 'n2']);
});

test('the order of Services and nodes makes no difference', () => {
  const services = [service('a', ['192.0.2.10']), service('b', ['192.0.2.9'])];
  const nodes = [node('n1'), node('n2'), node('n3')];
  const plan = planAnnouncements(snapshot({ services, nodes }));
  const turned = planAnnouncements(snapshot({ services: [...services].reverse(), nodes: [...nodes].reverse() }));
  assert.deepEqual(turned, plan);
  assert.deepEqual([...plan.addresses.keys()], ['192.0.2.9', '192.0.2.10']);
});
