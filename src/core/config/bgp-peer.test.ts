import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  expectErrors,
  expectProblem,
  expectWarnings,
  objectWith,
  problemsOf,
  readSound,
} from '../../../test/support/config-rows.ts';
import { formatAddress } from '../net/address.ts';
import { readBgpPeer } from './bgp-peer.ts';

const sound = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1' };
const read = (change: object) => readSound(readBgpPeer, objectWith({ ...sound, ...change }));

test('a peer is read with its defaults', () => {
  const peer = read({});
  assert.equal(peer.myAsn, 64512);
  assert.equal(peer.peerAsn, 64513);
  assert.equal(peer.localAsn, undefined);
  assert.ok(peer.endpoint.kind === 'address');
  assert.equal(formatAddress(peer.endpoint.address), '192.0.2.1');
  assert.equal(peer.port, 179);
  assert.equal(peer.holdTimeSeconds, undefined);
  assert.equal(peer.keepaliveTimeSeconds, undefined);
  assert.equal(peer.password, undefined);
  assert.deepEqual(peer.nodeSelectors, []);
});

test('AS numbers have 32 bits', () => {
  const peer = read({ myASN: 4294967295, peerASN: 4200000000, localASN: 2147483648 });
  assert.deepEqual([peer.myAsn, peer.peerAsn, peer.localAsn], [4294967295, 4200000000, 2147483648]);
});

test('the AS number may be learned, the neighbour may be an interface', () => {
  const peer = read({ peerASN: undefined, dynamicASN: 'external', peerAddress: undefined, interface: 'eth1' });
  assert.equal(peer.peerAsn, 'external');
  assert.deepEqual(peer.endpoint, { kind: 'interface', interface: 'eth1' });
});

test('what Go writes for an absent field is absent', () => {
  const peer = read({
    peerASN: 0,
    dynamicASN: 'internal',
    interface: '',
    password: '',
    passwordSecret: {},
    localASN: 0,
  });
  assert.equal(peer.peerAsn, 'internal');
  assert.equal(peer.password, undefined);
  assert.equal(peer.localAsn, undefined);
});

test('of hold and keepalive time, one gives the other', async (t) => {
  const rows: readonly [name: string, change: object, hold: number, keepalive: number][] = [
    ['hold alone', { holdTime: '180s' }, 180, 60],
    ['keepalive alone', { keepaliveTime: '1m' }, 180, 60],
    ['both', { holdTime: '90s', keepaliveTime: '10s' }, 90, 10],
    ['both zero turn them off', { holdTime: '0s', keepaliveTime: '0s' }, 0, 0],
    ['the shortest hold', { holdTime: '3s' }, 3, 1],
    ['a keepalive of 0 beside a hold is none', { holdTime: '90s', keepaliveTime: '0s' }, 90, 30],
    ['a long keepalive keeps the hold in its bounds', { keepaliveTime: '65000s' }, 65535, 65000],
  ];
  for (const [name, change, hold, keepalive] of rows) {
    await t.test(name, () => {
      const peer = read(change);
      assert.deepEqual([peer.holdTimeSeconds, peer.keepaliveTimeSeconds], [hold, keepalive]);
    });
  }
});

test('a password is in the object or in a Secret beside it', () => {
  assert.deepEqual(read({ password: 'secret' }).password, { kind: 'text', text: 'secret' });
  assert.deepEqual(read({ passwordSecret: { name: 'bgp' } }).password, {
    kind: 'secret',
    name: 'bgp',
    namespace: 'metallb-system',
  });
  read({ passwordSecret: { name: 'bgp', namespace: 'metallb-system' } });
});

test('a peer of v1beta1 is read as it was meant', () => {
  const object = objectWith({ ...sound, nodeSelectors: [{ matchLabels: { rack: 'a' } }], holdTime: '90s' });
  const peer = readSound(readBgpPeer, { apiVersion: 'metallb.io/v1beta1', kind: 'BGPPeer', ...(object as object) });
  assert.equal(peer.holdTimeSeconds, 90);
  assert.equal(peer.nodeSelectors.length, 1);
});

const FAULTS = [
  ['no AS number', { myASN: undefined }, 'spec.myASN', /is missing/],
  ['AS number 0', { myASN: 0 }, 'spec.myASN', /is missing/],
  ['an AS number in quotes', { myASN: '64512' }, 'spec.myASN', /whole number/],
  ['an AS number beyond 32 bits', { myASN: 4294967296 }, 'spec.myASN', /from 1 to 4294967295/],
  ['a negative AS number', { peerASN: -1 }, 'spec.peerASN', /from 1 to/],
  ['no AS number of the neighbour', { peerASN: undefined }, 'spec.peerASN', /and so is dynamicASN/],
  ['both ways to say the AS number', { dynamicASN: 'external' }, 'spec.dynamicASN', /beside peerASN/],
  ['an unknown way to learn it', { peerASN: undefined, dynamicASN: 'auto' }, 'spec.dynamicASN', /internal, external/],
  ['a local AS number beyond 32 bits', { localASN: 2 ** 33 }, 'spec.localASN', /from 1 to/],
  ['no neighbour', { peerAddress: undefined }, 'spec.peerAddress', /and so is interface/],
  ['an address and an interface', { interface: 'eth1' }, 'spec.peerAddress', /has one of the two/],
  ['a host name', { peerAddress: 'router.example.com' }, 'spec.peerAddress', /./],
  ['an address with a port', { peerAddress: '192.0.2.1:179' }, 'spec.peerAddress', /./],
  ['an address with a prefix length', { peerAddress: '192.0.2.1/24' }, 'spec.peerAddress', /prefix/],
  ['an address with a zone', { peerAddress: 'fe80::1%eth0' }, 'spec.peerAddress', /zone/],
  ['a multicast address', { peerAddress: '224.0.0.1' }, 'spec.peerAddress', /can't be dialled/],
  ['the unspecified address', { peerAddress: '::' }, 'spec.peerAddress', /can't be dialled/],
  ['an address that is a number', { peerAddress: 3221225985 }, 'spec.peerAddress', /must be a string/],
  [
    'an interface name too long',
    { peerAddress: undefined, interface: 'a-very-long-interface' },
    'spec.interface',
    /network interface/,
  ],
  ['a malformed source', { sourceAddress: '192.0.2' }, 'spec.sourceAddress', /./],
  ['a source of the other family', { sourceAddress: '2001:db8::1' }, 'spec.sourceAddress', /is IPv6, but/],
  ['port 0', { peerPort: 0 }, 'spec.peerPort', /from 1 to 16384/],
  ['a port too high', { peerPort: 16385 }, 'spec.peerPort', /from 1 to 16384/],
  ['a hold time too short', { holdTime: '2s' }, 'spec.holdTime', /shorter than the 3 seconds/],
  ['a hold time without unit', { holdTime: '90' }, 'spec.holdTime', /needs a unit/],
  ['a hold time as a number', { holdTime: 90 }, 'spec.holdTime', /must be a string/],
  ['a hold time beyond 16 bits', { holdTime: '65536s' }, 'spec.holdTime', /at most/],
  ['a negative hold time', { holdTime: '-90s' }, 'spec.holdTime', /negative/],
  ['a keepalive longer than the hold', { holdTime: '30s', keepaliveTime: '90s' }, 'spec.keepaliveTime', /longer than/],
  ['a keepalive beside a hold of 0', { holdTime: '0s', keepaliveTime: '30s' }, 'spec.keepaliveTime', /longer than/],
  ['a connect time of 0', { connectTime: '0s' }, 'spec.connectTime', /from 1s/],
  ['a connect time beyond 16 bits', { connectTime: '20h' }, 'spec.connectTime', /at most/],
  ['a router ID that is a number', { routerID: 1 }, 'spec.routerID', /must be a string/],
  ['a router ID in words', { routerID: 'router' }, 'spec.routerID', /./],
  ['an IPv6 router ID', { routerID: '2001:db8::1' }, 'spec.routerID', /IPv4 address other than/],
  ['router ID 0.0.0.0', { routerID: '0.0.0.0' }, 'spec.routerID', /IPv4 address other than/],
  ['two passwords', { password: 'x', passwordSecret: { name: 'bgp' } }, 'spec.password', /beside passwordSecret/],
  ['a password that is a number', { password: 12345 }, 'spec.password', /must be a string/],
  ['a password longer than the kernel takes', { password: 'x'.repeat(81) }, 'spec.password', /longer than 80 bytes/],
  ['a Secret by text', { passwordSecret: 'bgp' }, 'spec.passwordSecret', /must be an object/],
  [
    'a Secret with a bad name',
    { passwordSecret: { name: 'BGP!' } },
    'spec.passwordSecret.name',
    /no valid object name/,
  ],
  [
    'a Secret of another namespace',
    { passwordSecret: { name: 'bgp', namespace: 'kube-system' } },
    'spec.passwordSecret.namespace',
    /another namespace/,
  ],
  [
    'multi-hop to an internal peer',
    { peerASN: 64512, ebgpMultiHop: true },
    'spec.ebgpMultiHop',
    /this one is internal/,
  ],
  [
    'multi-hop to a learned internal peer',
    { peerASN: undefined, dynamicASN: 'internal', ebgpMultiHop: true },
    'spec.ebgpMultiHop',
    /this one is internal/,
  ],
  ['multi-hop in words', { ebgpMultiHop: 'yes' }, 'spec.ebgpMultiHop', /must be true or false/],
  ['a VRF name too long', { vrf: 'a-very-long-vrf-name' }, 'spec.vrf', /network interface/],
  [
    'a node selector without key',
    { nodeSelectors: [{ matchExpressions: [{ operator: 'Exists' }] }] },
    'spec.nodeSelectors[0].matchExpressions[0].key',
    /label key/,
  ],
  [
    'a node selector without operator',
    { nodeSelectors: [{ matchExpressions: [{ key: 'a' }] }] },
    'spec.nodeSelectors[0].matchExpressions[0].operator',
    /must be one of/,
  ],
  [
    'a node selector value twice',
    { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'b'] }] }] },
    'spec.nodeSelectors[0].matchExpressions[0].values[1]',
    /twice/,
  ],
] as const;

test('malformed peers are refused', (t) => expectErrors(t, readBgpPeer, sound, FAULTS));

test('disableMP switches no check off', (t) => expectErrors(t, readBgpPeer, { ...sound, disableMP: true }, FAULTS));

test('what is legal and unwise is warned of', async (t) => {
  await expectWarnings(t, readBgpPeer, sound, [
    ['a password in the object', { password: 'secret' }, 'spec.password', /readable by everyone/],
    ['a keepalive as long as the hold', { holdTime: '30s', keepaliveTime: '30s' }, 'spec.keepaliveTime', /as long as/],
    [
      'a keepalive of 0 beside a hold',
      { holdTime: '90s', keepaliveTime: '0s' },
      'spec.keepaliveTime',
      /taken as not given/,
    ],
    ['half a second of hold time', { holdTime: '90500ms' }, 'spec.holdTime', /part of a second/],
    ['a local AS number that changes nothing', { localASN: 64512 }, 'spec.localASN', /changes nothing/],
    ['a neighbour on the node itself', { peerAddress: '127.0.0.1' }, 'spec.peerAddress', /out of the nodes' reach/],
    ['a field of MetalLB before it was renamed', { asn: 64512 }, 'spec.asn', /no field/],
  ]);
});

test('no problem ever shows a password', () => {
  const password = 'correct horse battery staple';
  const changes = [
    { password },
    { password, passwordSecret: { name: 'bgp' } },
    { password: password.repeat(10) },
    { password: [password] },
    { passwordSecret: password },
  ];
  for (const change of changes) {
    const problems = problemsOf(readBgpPeer, objectWith({ ...sound, ...change }));
    assert.ok(problems.length > 0);
    assert.doesNotMatch(JSON.stringify(problems), /horse/);
  }
  expectProblem(problemsOf(readBgpPeer, objectWith({ ...sound, password })), 'warning', 'spec.password', /readable/);
});
