import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BGP_PEER_V1BETA1, BGP_PEER_V1BETA2, convertBgpPeer, KEPT_FIELDS } from './bgp-peer-conversion.ts';
import { answerConversion } from './conversion-review.ts';

const metadata = { name: 'router-a', namespace: 'metallb-system', labels: { a: 'b' }, annotations: { note: 'x' } };
const newer = {
  apiVersion: BGP_PEER_V1BETA2,
  kind: 'BGPPeer',
  metadata,
  spec: {
    myASN: 64512,
    peerASN: 64513,
    peerAddress: '192.0.2.1',
    holdTime: '90s',
    passwordSecret: { name: 'bgp' },
    vrf: 'red',
    disableMP: false,
  },
};

function convert(object: unknown, version: string): unknown {
  const converted = convertBgpPeer(object, version);
  assert.ok(converted.ok, converted.ok ? '' : converted.error);
  return converted.value;
}

test('v1beta1 gets the fields it has, and carries the others', () => {
  assert.deepEqual(convert(newer, BGP_PEER_V1BETA1), {
    apiVersion: BGP_PEER_V1BETA1,
    kind: 'BGPPeer',
    metadata: {
      ...metadata,
      annotations: { note: 'x', [KEPT_FIELDS]: '{"passwordSecret":{"name":"bgp"},"vrf":"red","disableMP":false}' },
    },
    spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', holdTime: '90s' },
  });
});

test('a peer of v1beta1 keeps its meaning in v1beta2', () => {
  const older = {
    apiVersion: BGP_PEER_V1BETA1,
    kind: 'BGPPeer',
    metadata: { name: 'a' },
    spec: { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1', peerPort: 0, nodeSelectors: [{ matchLabels: { a: 'b' } }] },
  };
  assert.deepEqual(convert(older, BGP_PEER_V1BETA2), {
    apiVersion: BGP_PEER_V1BETA2,
    kind: 'BGPPeer',
    metadata: { name: 'a' },
    spec: { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1', nodeSelectors: [{ matchLabels: { a: 'b' } }] },
  });
});

test('an absent hold time stays absent: 0 would turn keepalives off', () => {
  const { holdTime: _, ...spec } = newer.spec;
  const older = convert({ ...newer, spec }, BGP_PEER_V1BETA1) as { spec: object };
  assert.ok(!('holdTime' in older.spec));
});

test('a peer that v1beta1 can not say survives a client of v1beta1', () => {
  const unnumbered = { ...newer, spec: { myASN: 1, dynamicASN: 'external', interface: 'eth1' } };
  const older = convert(unnumbered, BGP_PEER_V1BETA1) as { spec: object };
  assert.deepEqual(older.spec, { myASN: 1, peerASN: 0, peerAddress: '' });
  assert.deepEqual(convert(older, BGP_PEER_V1BETA2), unnumbered);
});

test('any peer comes back whole from v1beta1', () => {
  const field = fc.constantFrom(
    'myASN',
    'holdTime',
    'nodeSelectors',
    'dynamicASN',
    'interface',
    'vrf',
    '__proto__',
    'x',
  );
  const value = fc.jsonValue().filter((each) => each !== '' && each !== 0);
  const spec = fc.array(fc.tuple(field, value)).map((entries) => Object.fromEntries(entries));
  fc.assert(
    fc.property(spec, (each) => {
      const peer = { ...newer, spec: each };
      assert.deepEqual(convert(convert(peer, BGP_PEER_V1BETA1), BGP_PEER_V1BETA2), peer);
    }),
  );
});

test('what can not be converted is a fault that says why', async (t) => {
  const broken = (annotation: unknown) => ({
    apiVersion: BGP_PEER_V1BETA1,
    metadata: { name: 'a', annotations: { [KEPT_FIELDS]: annotation } },
    spec: {},
  });
  const rows: readonly [name: string, object: unknown, version: string, message: RegExp][] = [
    ['no object', 'peer', BGP_PEER_V1BETA2, /no JSON object/],
    ['an unknown version', newer, 'metallb.io/v1', /can't be converted/],
    ['no version', { spec: {} }, BGP_PEER_V1BETA2, /can't be converted from undefined/],
    ['kept fields that are no JSON', broken('{'), BGP_PEER_V1BETA2, /remove it or restore it/],
    ['kept fields that are a list', broken('[1]'), BGP_PEER_V1BETA2, /remove it or restore it/],
    ['kept fields that are no text', broken(1), BGP_PEER_V1BETA2, /remove it or restore it/],
  ];
  for (const [name, object, version, message] of rows) {
    await t.test(name, () => {
      const converted = convertBgpPeer(object, version);
      assert.ok(!converted.ok);
      assert.match(converted.error, message);
    });
  }
});

test('the apiserver is answered with all objects or none', async (t) => {
  const review = (objects: unknown, desiredAPIVersion: unknown = BGP_PEER_V1BETA1) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    request: { uid: 'u1', desiredAPIVersion, objects },
  });
  await t.test('all', () => {
    const { response } = answerConversion(review([newer, newer])) ?? assert.fail();
    assert.equal(response.uid, 'u1');
    assert.deepEqual(response.result, { status: 'Success' });
    assert.equal(response.convertedObjects.length, 2);
  });
  await t.test('none, and the first fault is named', () => {
    const { response } = answerConversion(review([newer, { metadata: { name: 'bad' } }])) ?? assert.fail();
    assert.deepEqual(response.convertedObjects, []);
    assert.ok(response.result.status === 'Failure');
    assert.match(response.result.message, /BGPPeer "bad"/);
  });
  for (const body of [undefined, null, 'x', {}, { request: {} }, review('x'), review([], 7), review(undefined)]) {
    await t.test(`no review: ${JSON.stringify(body)}`, () => assert.equal(answerConversion(body), undefined));
  }
  await t.test('any JSON is answered or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        answerConversion(body);
        answerConversion(review([body]));
      }),
    );
  });
});
