import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf, expectProblem } from '../../../test/support/config-rows.ts';
import type { KubeObject } from '../api/kubernetes.ts';
import { EMPTY_RAW_CONFIGURATION, type RawConfiguration } from './raw-configuration.ts';
import { validateDeletion, validateObject } from './validate.ts';

function object(name: string, spec: unknown, created = '2026-01-01T00:00:00Z'): KubeObject {
  return { metadata: { name, namespace: 'metallb-system', creationTimestamp: created }, spec } as KubeObject;
}

const others = (raw: Partial<RawConfiguration>): RawConfiguration => ({ ...EMPTY_RAW_CONFIGURATION, ...raw });
const nodes = [
  { metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.5' }] } } as KubeObject,
];

test('a pool that overlaps another is refused, and both are named with their ranges', () => {
  const problems = validateObject(
    'IPAddressPool',
    object('new', { addresses: ['10.0.0.128-10.0.1.5'] }),
    others({ ipAddressPools: [object('edge', { addresses: ['10.0.0.0/24'] }, '2027-01-01T00:00:00Z')] }),
  );
  expectProblem(problems, 'error', 'spec.addresses', /overlaps 10\.0\.0\.0\/24 of pool "edge"/);
  assert.equal(problems[0]?.value, '10.0.0.128-10.0.1.5');
});

test('a pool over a node’s own address is refused', () => {
  const problems = validateObject('IPAddressPool', object('edge', { addresses: ['192.0.2.0/28'] }), others({ nodes }));
  expectProblem(problems, 'error', 'spec.addresses', /holds 192\.0\.2\.5, the address of node "n1"/);
});

test('an object is never held against its own past', async (t) => {
  const rows: readonly [
    kind: Parameters<typeof validateObject>[0],
    list: keyof RawConfiguration,
    past: object,
    now: object,
  ][] = [
    ['IPAddressPool', 'ipAddressPools', { addresses: ['10.0.0.0/24'] }, { addresses: ['10.0.0.0/16'] }],
    [
      'Community',
      'communities',
      { communities: [{ name: 'a', value: '1:1' }] },
      { communities: [{ name: 'a', value: '1:2' }] },
    ],
    [
      'BGPPeer',
      'bgpPeers',
      { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1' },
      { myASN: 1, peerASN: 3, peerAddress: '192.0.2.1' },
    ],
    [
      'AddressReservation',
      'addressReservations',
      { addresses: ['10.0.0.1'], namespace: 'a' },
      { addresses: ['10.0.0.1'], namespace: 'b' },
    ],
    ['AddressPolicy', 'addressPolicies', { pools: ['a'] }, { pools: ['b'] }],
    ['BGPAdvertisement', 'bgpAdvertisements', { localPref: 1 }, { localPref: 2 }],
  ];
  for (const [kind, list, past, now] of rows) {
    await t.test(kind, () => {
      const problems = validateObject(kind, object('same', now), others({ [list]: [object('same', past)] }));
      assert.deepEqual(errorsOf(problems), []);
    });
  }
});

test('what runs as a warning is an error at the door', async (t) => {
  const pool = object('edge', { addresses: ['192.0.2.0/24', '2001:db8::/64'] });
  const rows: readonly [
    name: string,
    kind: Parameters<typeof validateObject>[0],
    spec: object,
    raw: Partial<RawConfiguration>,
    path: string,
    message: RegExp,
  ][] = [
    [
      'a reservation of another’s addresses',
      'AddressReservation',
      { addresses: ['192.0.2.1'], namespace: 'b' },
      { ipAddressPools: [pool], addressReservations: [object('old', { addresses: ['192.0.2.1'], namespace: 'a' })] },
      'spec.addresses',
      /kept for namespace "a"/,
    ],
    [
      'a policy that says otherwise about the very same Services',
      'AddressPolicy',
      { pools: ['edge'], onExhausted: 'Pend' },
      { ipAddressPools: [pool], addressPolicies: [object('old', { onExhausted: 'Reject' })] },
      'spec.onExhausted',
      /very same Services/,
    ],
    [
      'another preference for the same routes',
      'BGPAdvertisement',
      { localPref: 2 },
      { ipAddressPools: [pool], bgpAdvertisements: [object('old', { localPref: 1 })] },
      'spec.localPref',
      /differs from 1/,
    ],
    [
      'a second peer for one neighbour',
      'BGPPeer',
      { myASN: 1, peerASN: 2, peerAddress: '198.51.100.1' },
      { bgpPeers: [object('old', { myASN: 1, peerASN: 2, peerAddress: '198.51.100.1' })] },
      'spec.peerAddress',
      /neighbour of BGPPeer "old"/,
    ],
  ];
  for (const [name, kind, spec, raw, path, message] of rows) {
    await t.test(name, () =>
      expectProblem(validateObject(kind, object('new', spec), others(raw)), 'error', path, message),
    );
  }
});

test('absent references only bring advice', () => {
  const problems = validateObject('L2Advertisement', object('l2', { ipAddressPools: ['to-come'] }), others({}));
  assert.deepEqual(errorsOf(problems), []);
  expectProblem(problems, 'warning', 'spec.ipAddressPools', /no IPAddressPool yet/);
});

test('a change that breaks another object is refused and names it', () => {
  const raw = others({
    ipAddressPools: [object('edge', { addresses: ['192.0.2.0/24'] })],
    bgpAdvertisements: [object('bgp', { aggregationLength: 24 })],
  });
  const problems = validateObject('IPAddressPool', object('edge', { addresses: ['192.0.2.0/28'] }), raw);
  expectProblem(problems, 'error', 'spec', /would break BGPAdvertisement "bgp": spec\.aggregationLength/);
});

test('what was broken before is not held against a change', () => {
  const raw = others({
    ipAddressPools: [object('edge', { addresses: ['192.0.2.0/28'] })],
    bgpAdvertisements: [object('bgp', { aggregationLength: 24 })],
  });
  const problems = validateObject(
    'IPAddressPool',
    object('edge', { addresses: ['192.0.2.0/28'], autoAssign: false }),
    raw,
  );
  assert.deepEqual(problems, []);
});

test('a deletion never breaks by absence alone', () => {
  const raw = others({
    bfdProfiles: [object('fast', {})],
    bgpPeers: [object('peer', { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1', bfdProfile: 'fast' })],
  });
  assert.deepEqual(validateDeletion('BFDProfile', 'fast', raw), []);
});

test('a kind without effect says so at the door', () => {
  const peer = object('peer', { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1' });
  expectProblem(validateObject('BGPPeer', peer, others({})), 'warning', 'spec', /speaks no BGP/);
  expectProblem(validateObject('BGPAdvertisement', object('all', {}), others({})), 'warning', 'spec', /speaks no BGP/);
});

test('a reservation that has ended is warned of where the time is known', () => {
  const reservation = object('r', { addresses: ['192.0.2.1'], namespace: 'a', expiresAt: '2026-01-01T00:00:00Z' });
  const raw = others({ ipAddressPools: [object('edge', { addresses: ['192.0.2.0/24'] })] });
  assert.deepEqual(validateObject('AddressReservation', reservation, raw), []);
  assert.deepEqual(validateObject('AddressReservation', reservation, raw, Date.UTC(2025, 11, 31)), []);
  expectProblem(
    validateObject('AddressReservation', reservation, raw, Date.UTC(2026, 0, 2)),
    'warning',
    'spec.expiresAt',
    /in the past/,
  );
});
