import assert from 'node:assert/strict';
import { test } from 'node:test';
import supertest from 'supertest';
import { reviewRequest } from '../../../test/support/webhook/reviews.ts';
import { type UnderTest, webhookUnderTest } from '../../../test/support/webhook/webhook-under-test.ts';
import { type Cluster, object, pool, service } from '../../../test/support/webhook/world.ts';
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { EMPTY_RAW_CONFIGURATION } from '../../core/config/raw-configuration.ts';

const edge = pool('edge', ['192.0.2.0/28']);
const cluster: Cluster = {
  raw: { ...EMPTY_RAW_CONFIGURATION, ipAddressPools: [edge, pool('spare', ['198.51.100.0/28'])] },
  namespaces: { shop: {} },
  services: [service('shop/web', { ip: '192.0.2.3' }), service('shop/api', { ip: '192.0.2.14' })],
};

interface Answer {
  readonly allowed: boolean;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly status?: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details: { readonly causes: readonly { field: string; reason: string }[] };
  };
}

const kindOf = ({ apiVersion = '', kind = '' }: KubeObject): object => {
  const [group, version] = apiVersion.split('/');
  return { group, version, kind };
};

async function validate(
  under: UnderTest,
  sent: KubeObject | undefined,
  old?: KubeObject,
  more: object = {},
): Promise<Answer> {
  const subject = sent ?? old;
  assert.ok(subject);
  const review = reviewRequest({
    kind: kindOf(subject),
    operation: sent ? (old ? 'UPDATE' : 'CREATE') : 'DELETE',
    namespace: subject.metadata.namespace,
    name: subject.metadata.name,
    object: sent ?? null,
    oldObject: old ?? null,
    ...more,
  });
  const response = await supertest(under.app).post('/validate-config').send(review);
  assert.equal(response.status, 200, response.text);
  return response.body.response;
}

const berth = 'berth.dev/v1alpha1';
const faults: readonly { name: string; sent: KubeObject; message: RegExp }[] = [
  {
    name: 'a pool without a valid range',
    sent: pool('bad', ['10.0.0']),
    message: /IPAddressPool "bad".*spec\.addresses\[0\]/,
  },
  { name: 'a pool over another one', sent: pool('bad', ['192.0.2.8/29']), message: /"edge"/ },
  { name: 'a pool of the whole internet', sent: pool('bad', ['0.0.0.0/0']), message: /0\.0\.0\.0\/0/ },
  {
    name: 'a policy with a faulty quota',
    sent: object(berth, 'AddressPolicy', 'bad', { quota: { services: -1 } }),
    message: /AddressPolicy "bad".*quota/,
  },
  {
    name: 'a reservation without a namespace',
    sent: object(berth, 'AddressReservation', 'bad', { addresses: ['192.0.2.5/32'] }),
    message: /namespace/,
  },
  {
    name: 'a peer without an AS number',
    sent: object('metallb.io/v1beta2', 'BGPPeer', 'bad', { peerAddress: '10.0.0.1', peerASN: 64512 }),
    message: /myASN/,
  },
  {
    name: 'a profile out of bounds',
    sent: object('metallb.io/v1beta1', 'BFDProfile', 'bad', { detectMultiplier: 1 }),
    message: /detectMultiplier/,
  },
  {
    name: 'a community that is none',
    sent: object('metallb.io/v1beta1', 'Community', 'bad', { communities: [{ name: 'a', value: 'x' }] }),
    message: /communities/,
  },
  {
    name: 'an advertisement with a faulty selector',
    sent: object('metallb.io/v1beta1', 'L2Advertisement', 'bad', {
      nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }],
    }),
    message: /nodeSelectors/,
  },
];

for (const { name, sent, message } of faults) {
  test(`refused: ${name}`, async () => {
    const under = webhookUnderTest(cluster);
    const answer = await validate(under, sent);
    assert.equal(answer.allowed, false);
    assert.equal(answer.status?.code, 403);
    assert.equal(answer.status?.reason, 'Forbidden');
    assert.match(answer.status?.message ?? '', message);
    assert.ok(answer.status?.details.causes[0]?.field);
    assert.equal(answer.auditAnnotations?.refusal, 'InvalidConfiguration');
    assert.deepEqual(
      under.audit.map(({ event, reason, object: of }) => [event, reason, of.kind]),
      [['refusal', 'InvalidConfiguration', sent.kind]],
    );
  });

  test(`a label of it can be changed where it was there before: ${name}`, async () => {
    const stored = { ...cluster, raw: withObject(cluster, sent) };
    const labelled = { ...sent, metadata: { ...sent.metadata, labels: { a: 'b' } } };
    const answer = await validate(webhookUnderTest(stored), labelled, sent);
    assert.equal(answer.allowed, true, JSON.stringify(answer));
    assert.notEqual(answer.warnings?.length ?? 0, 0);
  });
}

function withObject(of: Cluster, sent: KubeObject): Cluster['raw'] {
  const lists: Readonly<Record<string, keyof Cluster['raw']>> = {
    IPAddressPool: 'ipAddressPools',
    AddressPolicy: 'addressPolicies',
    AddressReservation: 'addressReservations',
    BGPPeer: 'bgpPeers',
    BFDProfile: 'bfdProfiles',
    Community: 'communities',
    L2Advertisement: 'l2Advertisements',
  };
  const list = lists[sent.kind ?? ''];
  assert.ok(list);
  return { ...of.raw, [list]: [...of.raw[list], sent] };
}

const disruptive: readonly { name: string; sent: KubeObject | undefined; services: readonly string[]; verb: string }[] =
  [
    { name: 'a pool is deleted', sent: undefined, services: ['shop/web', 'shop/api'], verb: 'delete' },
    { name: 'a pool shrinks', sent: pool('edge', ['192.0.2.0/29']), services: ['shop/api'], verb: 'change' },
    {
      name: 'a pool moves',
      sent: pool('edge', ['203.0.113.0/28']),
      services: ['shop/web', 'shop/api'],
      verb: 'change',
    },
  ];
const allow = { 'berth.dev/allow-disruption': 'true' };
const withAllow = (each: KubeObject): KubeObject => ({ ...each, metadata: { ...each.metadata, annotations: allow } });

for (const { name, sent, services, verb } of disruptive) {
  test(`refused with the Services that would be hit: ${name}`, async () => {
    const under = webhookUnderTest(cluster);
    const answer = await validate(under, sent, edge);
    assert.equal(answer.allowed, false);
    const message = answer.status?.message ?? '';
    for (const key of services) assert.ok(message.includes(key), message);
    assert.match(message, new RegExp(`Cannot ${verb} IPAddressPool "edge"`));
    assert.match(message, /berth\.dev\/allow-disruption/);
    assert.deepEqual(under.refused, ['WouldDisrupt']);
  });

  test(`let through where the object says so, with a warning for each Service: ${name}`, async () => {
    const under = webhookUnderTest(cluster);
    const answer = await validate(under, sent && withAllow(sent), withAllow(edge));
    assert.equal(answer.allowed, true);
    assert.equal(answer.warnings?.length, services.length);
    assert.deepEqual(
      under.audit.map(({ event }) => event),
      ['configuration-change'],
    );
  });

  test(`let through where the Services are gone already: ${name}`, async () => {
    const answer = await validate(webhookUnderTest(cluster, { ...cluster, services: [] }), sent, edge);
    assert.equal(answer.allowed, true);
  });

  test(`refused where the apiserver can’t be asked: ${name}`, async () => {
    const under = webhookUnderTest(cluster, 'unreachable');
    assert.equal((await validate(under, sent, edge)).allowed, false);
    assert.deepEqual(under.warnings, ['cannot confirm that a change hits Services; it is refused']);
  });
}

test('a pool that only grows or gets another label is let through', async () => {
  const answer = await validate(webhookUnderTest(cluster), pool('edge', ['192.0.2.0/27']), edge);
  assert.equal(answer.allowed, true, JSON.stringify(answer));
});

test('a pool that nobody uses can be deleted', async () => {
  const answer = await validate(webhookUnderTest(cluster), undefined, pool('spare', ['198.51.100.0/28']));
  assert.equal(answer.allowed, true);
});

test('the range of a pool that has just gone can be given to another at once', async () => {
  const live = { ...cluster, raw: { ...cluster.raw, ipAddressPools: [] } };
  const under = webhookUnderTest(cluster, live);
  assert.equal((await validate(under, pool('new', ['192.0.2.0/28']))).allowed, true);
  assert.deepEqual(under.reads, ['configuration']);
});

test('a reservation over an address that somebody holds is let through with a warning', async () => {
  const sent = object(berth, 'AddressReservation', 'late', { addresses: ['192.0.2.3/32'], namespace: 'dns' });
  const answer = await validate(webhookUnderTest(cluster), sent);
  assert.equal(answer.allowed, true, JSON.stringify(answer));
  assert.match(answer.warnings?.join(' ') ?? '', /shop\/web/);
});

test('an accepted change is in the audit trail and in the apiserver’s, with both sides; a dry run is in neither', async () => {
  const under = webhookUnderTest(cluster);
  const dry = await validate(under, pool('edge', ['192.0.2.0/27']), edge, { dryRun: true });
  assert.equal(dry.allowed, true);
  assert.deepEqual([under.audit, dry.auditAnnotations], [[], undefined]);
  const answer = await validate(under, pool('edge', ['192.0.2.0/27']), edge);
  const change = [
    { op: 'test', path: '/spec/addresses/0', value: '192.0.2.0/28' },
    { op: 'replace', path: '/spec/addresses/0', value: '192.0.2.0/27' },
  ];
  assert.deepEqual(under.audit[0]?.change, change);
  assert.deepEqual(JSON.parse(answer.auditAnnotations?.change ?? ''), change);
});

test('no password reaches audit trail or answer', async () => {
  const alone = { myASN: 64512, peerASN: 64513, peerAddress: '10.0.0.1', password: 'hunter2-hunter2' };
  const peer = (spec: object): KubeObject => object('metallb.io/v1beta2', 'BGPPeer', 'router', spec);
  const under = webhookUnderTest(cluster);
  const refused = await validate(under, peer({ ...alone, passwordSecret: { name: 'x' } }));
  assert.equal(refused.allowed, false, 'password and passwordSecret contradict each other');
  const accepted = await validate(under, peer(alone));
  assert.equal(accepted.allowed, true, JSON.stringify(accepted));
  assert.equal(under.audit.length, 2);
  assert.doesNotMatch(JSON.stringify([refused, accepted, under.audit]), /hunter2/);
});

test('configuration in another namespace is let through with a warning that it has no effect', async () => {
  const stray = { ...pool('stray', ['10.0.0']), metadata: { name: 'stray', namespace: 'shop' } };
  const answer = await validate(webhookUnderTest(cluster), stray);
  assert.equal(answer.allowed, true);
  assert.match(answer.warnings?.join(' ') ?? '', /has no effect.*metallb-system/);
});

test('as long as the cluster isn’t known, configuration isn’t answered', async () => {
  const review = reviewRequest({ kind: kindOf(edge), namespace: 'metallb-system', name: 'edge', object: edge });
  const response = await supertest(webhookUnderTest(undefined).app).post('/validate-config').send(review);
  assert.equal(response.status, 503);
  assert.match(response.body.reason, /still starting/);
});

for (const kind of [
  { group: 'metallb.io', version: 'v1beta1', kind: 'ServiceL2Status' },
  { group: 'metallb.io', version: 'v1beta1', kind: 'BGPPeer' },
  { group: 'berth.dev', version: 'v1alpha1', kind: 'IPAddressPool' },
  { group: 'metallb.io', version: 'v1', kind: 'IPAddressPool' },
  { group: '', version: 'v1', kind: 'Service' },
  { group: 'metallb.io', version: 'v1beta1', kind: 'constructor' },
]) {
  test(`not answered: ${kind.group}/${kind.version} ${kind.kind}`, async () => {
    const review = reviewRequest({ kind, namespace: 'metallb-system', name: 'x', object: { metadata: { name: 'x' } } });
    const response = await supertest(webhookUnderTest(cluster).app).post('/validate-config').send(review);
    assert.equal(response.status, 422);
    assert.ok(response.body.reason);
  });
}
