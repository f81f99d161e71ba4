import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf, expectProblem } from '../../../test/support/config-rows.ts';
import type { Service } from '../api/kubernetes.ts';
import { type Family, formatAddress } from '../net/address.ts';
import { parseService } from './service.ts';
import type { ServiceRequest } from './service-request.ts';

interface Wish {
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly spec?: object;
  readonly status?: object;
}

function requestOf({ annotations = {}, labels = {}, spec = {}, status = {} }: Wish): ServiceRequest {
  return parseService({
    metadata: {
      name: 'web',
      namespace: 'team-a',
      uid: 'u1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations,
      labels,
    },
    spec,
    status,
  } as Service);
}

const addressesOf = (request: ServiceRequest) => request.requestedAddresses.map(formatAddress);

test('a plain Service asks for nothing in particular', () => {
  const request = requestOf({
    spec: {
      type: 'LoadBalancer',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      clusterIPs: ['10.96.0.9'],
      selector: { app: 'web', tier: 'front' },
      ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }, { port: 132, protocol: 'SCTP' }],
      externalTrafficPolicy: 'Local',
    },
  });
  assert.deepEqual(request, {
    key: 'team-a/web',
    namespace: 'team-a',
    name: 'web',
    uid: 'u1',
    createdAt: '2026-01-01T00:00:00Z',
    labels: {},
    families: ['IPv4'],
    familyPolicy: 'SingleStack',
    requestedAddresses: [],
    requestedAddressesFrom: '',
    requestedPool: undefined,
    requestedPoolFrom: '',
    sharingKey: undefined,
    category: undefined,
    ports: [
      { protocol: 'TCP', port: 80 },
      { protocol: 'UDP', port: 53 },
      { protocol: 'SCTP', port: 132 },
    ],
    trafficPolicy: 'Local',
    backends: '["app","web"],["tier","front"]',
    assignedPool: undefined,
    allocatedPool: undefined,
    held: [],
    problems: [],
  });
});

test('addresses are asked for by field or by annotation', async (t) => {
  const ips = 'metallb.io/loadBalancerIPs';
  const legacy = 'metallb.universe.tf/loadBalancerIPs';
  const rows: readonly [name: string, wish: Wish, addresses: readonly string[], from: string][] = [
    ['by spec.loadBalancerIP', { spec: { loadBalancerIP: '192.0.2.1' } }, ['192.0.2.1'], 'spec.loadBalancerIP'],
    [
      'IPv6 by spec.loadBalancerIP',
      { spec: { loadBalancerIP: '2001:DB8::1' } },
      ['2001:db8::1'],
      'spec.loadBalancerIP',
    ],
    ['an empty field asks for nothing', { spec: { loadBalancerIP: '' } }, [], ''],
    ['by annotation', { annotations: { [ips]: '192.0.2.1' } }, ['192.0.2.1'], `metadata.annotations[${ips}]`],
    [
      'one a family',
      { annotations: { [ips]: '192.0.2.1,2001:db8::1' } },
      ['192.0.2.1', '2001:db8::1'],
      `metadata.annotations[${ips}]`,
    ],
    [
      'spaces around commas',
      { annotations: { [ips]: ' 192.0.2.1 , 2001:db8::1 ' } },
      ['192.0.2.1', '2001:db8::1'],
      `metadata.annotations[${ips}]`,
    ],
    [
      'by the legacy annotation',
      { annotations: { [legacy]: '192.0.2.1' } },
      ['192.0.2.1'],
      `metadata.annotations[${legacy}]`,
    ],
    [
      'the current prefix wins',
      { annotations: { [legacy]: '192.0.2.1', [ips]: '192.0.2.2' } },
      ['192.0.2.2'],
      `metadata.annotations[${ips}]`,
    ],
    ['an empty annotation asks for nothing', { annotations: { [ips]: '' } }, [], ''],
    [
      'an empty current one leaves the legacy one',
      { annotations: { [legacy]: '192.0.2.1', [ips]: ' ' } },
      ['192.0.2.1'],
      `metadata.annotations[${legacy}]`,
    ],
  ];
  for (const [name, wish, addresses, from] of rows) {
    await t.test(name, () => {
      const request = requestOf(wish);
      assert.deepEqual(addressesOf(request), addresses);
      assert.equal(request.requestedAddressesFrom, from);
      assert.deepEqual(errorsOf(request.problems), []);
    });
  }
});

test('spec.loadBalancerIP is never advised against', () => {
  assert.deepEqual(requestOf({ spec: { loadBalancerIP: '192.0.2.1' } }).problems, []);
});

test('malformed wishes are errors that name their field', async (t) => {
  const ips = 'metallb.io/loadBalancerIPs';
  const annotated = (value: string): Wish => ({ annotations: { [ips]: value } });
  const rows: readonly [name: string, wish: Wish, path: string, message: RegExp][] = [
    [
      'asked for in two places',
      { ...annotated('192.0.2.1'), spec: { loadBalancerIP: '192.0.2.2' } },
      `metadata.annotations[${ips}]`,
      /one place must decide/,
    ],
    [
      'the same address in two places',
      { ...annotated('192.0.2.1'), spec: { loadBalancerIP: '192.0.2.1' } },
      `metadata.annotations[${ips}]`,
      /one place must decide/,
    ],
    [
      'two addresses of one family',
      annotated('192.0.2.1,192.0.2.2'),
      `metadata.annotations[${ips}]`,
      /more than one IPv4/,
    ],
    ['the same address twice', annotated('192.0.2.1,192.0.2.1'), `metadata.annotations[${ips}]`, /more than one IPv4/],
    [
      'three addresses',
      annotated('192.0.2.1,2001:db8::1,2001:db8::2'),
      `metadata.annotations[${ips}]`,
      /more than one IPv6/,
    ],
    ['a comma at the end', annotated('192.0.2.1,'), `metadata.annotations[${ips}]`, /no IP address/],
    ['a host name', annotated('web.example.com'), `metadata.annotations[${ips}]`, /no IP address/],
    ['a prefix', annotated('192.0.2.1/32'), `metadata.annotations[${ips}]`, /no IP address/],
    ['an IPv4-mapped address', annotated('::ffff:192.0.2.1'), `metadata.annotations[${ips}]`, /no IP address/],
    ['a variable of Flux', { spec: { loadBalancerIP: `\${LB_IP}` } }, 'spec.loadBalancerIP', /nothing has filled in/],
    ['words in the field', { spec: { loadBalancerIP: 'auto' } }, 'spec.loadBalancerIP', /no IP address/],
    ['a list in the field', { spec: { loadBalancerIP: '192.0.2.1,2001:db8::1' } }, 'spec.loadBalancerIP', /takes one/],
    ['a number in the field', { spec: { loadBalancerIP: 3221225985 } }, 'spec.loadBalancerIP', /must be a string/],
    ['a megabyte in the annotation', annotated('1,'.repeat(1 << 19)), `metadata.annotations[${ips}]`, /no IP address/],
    [
      'a pool that can not be',
      { annotations: { 'metallb.io/address-pool': 'The Edge' } },
      'metadata.annotations[metallb.io/address-pool]',
      /can't be the name/,
    ],
    [
      'two pools',
      { annotations: { 'metallb.io/address-pool': 'a,b' } },
      'metadata.annotations[metallb.io/address-pool]',
      /can't be the name/,
    ],
    ['an unknown family', { spec: { ipFamilies: ['IPv5'] } }, 'spec.ipFamilies[0]', /IPv4 or IPv6/],
    ['an unknown family policy', { spec: { ipFamilyPolicy: 'DualStack' } }, 'spec.ipFamilyPolicy', /must be one of/],
    [
      'an unknown protocol',
      { spec: { ports: [{ port: 80, protocol: 'HTTP' }] } },
      'spec.ports[0].protocol',
      /TCP, UDP, SCTP/,
    ],
    ['a port of 0', { spec: { ports: [{ port: 0 }] } }, 'spec.ports[0].port', /from 1 to 65535/],
    ['no port number', { spec: { ports: [{ name: 'http' }] } }, 'spec.ports[0].port', /is missing/],
    ['ports in an object', { spec: { ports: { http: 80 } } }, 'spec.ports', /must be a list/],
  ];
  for (const [name, wish, path, message] of rows) {
    await t.test(name, () => expectProblem(requestOf(wish).problems, 'error', path, message));
  }
});

test('advice does not block', async (t) => {
  const rows: readonly [name: string, annotations: Record<string, string>, path: string, message: RegExp][] = [
    [
      'both prefixes, and they differ',
      { 'metallb.universe.tf/address-pool': 'a', 'metallb.io/address-pool': 'b' },
      'metadata.annotations[metallb.universe.tf/address-pool]',
      /differs from metallb.io\/address-pool, which says "b"/,
    ],
    [
      'the legacy prefix alone',
      { 'metallb.universe.tf/address-pool': 'a' },
      'metadata.annotations[metallb.universe.tf/address-pool]',
      /legacy prefix/,
    ],
    [
      'a variable that came to nothing',
      { 'metallb.io/loadBalancerIPs': '' },
      'metadata.annotations[metallb.io/loadBalancerIPs]',
      /counts as absent/,
    ],
    [
      'a sharing key that looks like a list',
      { 'metallb.io/allow-shared-ip': 'dns, web' },
      'metadata.annotations[metallb.io/allow-shared-ip]',
      /one key, commas included/,
    ],
  ];
  for (const [name, annotations, path, message] of rows) {
    await t.test(name, () => {
      const { problems } = requestOf({ annotations });
      assert.deepEqual(errorsOf(problems), []);
      expectProblem(problems, 'warning', path, message);
    });
  }
  await t.test('both prefixes that agree need none', () => {
    const annotations = { 'metallb.universe.tf/address-pool': 'a', 'metallb.io/address-pool': 'a' };
    assert.deepEqual(requestOf({ annotations }).problems, []);
  });
});

test('pool, key and category are read', async (t) => {
  await t.test('the pool, and where it was asked for', () => {
    const request = requestOf({ annotations: { 'metallb.io/address-pool': ' edge ' } });
    assert.equal(request.requestedPool, 'edge');
    assert.equal(request.requestedPoolFrom, 'metadata.annotations[metallb.io/address-pool]');
  });
  await t.test('a sharing key with a comma is one key', () => {
    assert.equal(requestOf({ annotations: { 'metallb.io/allow-shared-ip': 'dns, web' } }).sharingKey, 'dns, web');
  });
  await t.test('an empty sharing key is none', () => {
    assert.equal(requestOf({ annotations: { 'metallb.io/allow-shared-ip': '' } }).sharingKey, undefined);
  });
  await t.test('the category by label', () => {
    assert.equal(requestOf({ labels: { 'berth.dev/category': 'database' } }).category, 'database');
  });
  await t.test('the category by annotation goes before the label', () => {
    const request = requestOf({
      labels: { 'berth.dev/category': 'database' },
      annotations: { 'berth.dev/category': 'gaming' },
    });
    assert.equal(request.category, 'gaming');
    expectProblem(request.problems, 'warning', 'metadata.annotations[berth.dev/category]', /differs from the label/);
  });
  await t.test('what Berth and MetalLB wrote before', () => {
    const request = requestOf({
      annotations: { 'berth.dev/assigned-pool': 'edge', 'metallb.universe.tf/ip-allocated-from-pool': 'old' },
    });
    assert.equal(request.assignedPool, 'edge');
    assert.equal(request.allocatedPool, 'old');
  });
});

test('families are those of the apiserver, or those it will write', async (t) => {
  const dual: readonly Family[] = ['IPv4', 'IPv6'];
  const six: readonly Family[] = ['IPv6', 'IPv4'];
  const rows: readonly [
    name: string,
    spec: object,
    cluster: readonly Family[],
    families: readonly Family[],
    policy: string,
  ][] = [
    [
      'written families stand',
      { ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'RequireDualStack', clusterIPs: ['fd00::1', '10.0.0.1'] },
      dual,
      ['IPv6', 'IPv4'],
      'RequireDualStack',
    ],
    ['cluster addresses tell the families', { clusterIPs: ['fd00::1'] }, dual, ['IPv6'], 'SingleStack'],
    ['one cluster address in the old field', { clusterIP: '10.0.0.1' }, six, ['IPv4'], 'SingleStack'],
    [
      'two cluster addresses without a policy',
      { clusterIPs: ['10.0.0.1', 'fd00::1'] },
      dual,
      ['IPv4', 'IPv6'],
      'RequireDualStack',
    ],
    ['nothing written: the first of the cluster', {}, six, ['IPv6'], 'SingleStack'],
    [
      'prefer two, the cluster has two',
      { ipFamilyPolicy: 'PreferDualStack' },
      six,
      ['IPv6', 'IPv4'],
      'PreferDualStack',
    ],
    ['prefer two, the cluster has one', { ipFamilyPolicy: 'PreferDualStack' }, ['IPv4'], ['IPv4'], 'PreferDualStack'],
    [
      'require two',
      { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
      dual,
      ['IPv6', 'IPv4'],
      'RequireDualStack',
    ],
    [
      'prefer two, but the apiserver found one',
      { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4'], clusterIPs: ['10.0.0.1'] },
      dual,
      ['IPv4'],
      'PreferDualStack',
    ],
    ['headless has no cluster address', { clusterIP: 'None', clusterIPs: ['None'] }, dual, ['IPv4'], 'SingleStack'],
  ];
  for (const [name, spec, cluster, families, policy] of rows) {
    await t.test(name, () => {
      const request = parseService({ metadata: { name: 'a', namespace: 'b' }, spec } as Service, cluster);
      assert.deepEqual(request.families, families);
      assert.equal(request.familyPolicy, policy);
    });
  }
});

test('held addresses are those of the status that are addresses', () => {
  const ingress = [
    { ip: '192.0.2.1' },
    { hostname: 'lb.example.com' },
    { ip: 'x' },
    null,
    { ip: '2001:db8::1', ipMode: 'VIP' },
  ];
  assert.deepEqual(requestOf({ status: { loadBalancer: { ingress } } }).held.map(formatAddress), [
    '192.0.2.1',
    '2001:db8::1',
  ]);
});

test('equal selectors are equal backends, in whatever order; no selector is equal to none', () => {
  const backends = (selector: unknown) => requestOf({ spec: { selector } }).backends;
  assert.equal(backends({ a: '1', b: '2' }), backends({ b: '2', a: '1' }));
  assert.notEqual(backends({ a: '1,b=2' }), backends({ a: '1', b: '2' }));
  assert.equal(backends({}), '');
  assert.equal(backends(undefined), '');
});
