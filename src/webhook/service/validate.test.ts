import assert from 'node:assert/strict';
import { test } from 'node:test';
import supertest from 'supertest';
import { reviewRequest } from '../../../test/support/webhook/reviews.ts';
import { type UnderTest, webhookUnderTest } from '../../../test/support/webhook/webhook-under-test.ts';
import { type Cluster, object, pool, service } from '../../../test/support/webhook/world.ts';
import type { Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_BECAUSE, ASSIGNED_POOL } from '../../core/api/names.ts';
import { EMPTY_RAW_CONFIGURATION } from '../../core/config/raw-configuration.ts';

const raw = {
  ...EMPTY_RAW_CONFIGURATION,
  ipAddressPools: [
    pool('edge', ['192.0.2.0/28']),
    pool('tiny', ['198.51.100.7/32'], { autoAssign: false }),
    pool('payments', ['203.0.113.0/28'], { serviceAllocation: { namespaces: ['payments'] } }),
  ],
  addressPolicies: [
    object('berth.dev/v1alpha1', 'AddressPolicy', 'tenants', {
      match: { namespaces: ['small'] },
      quota: { services: 1 },
    }),
  ],
  addressReservations: [
    object('berth.dev/v1alpha1', 'AddressReservation', 'dns', { addresses: ['192.0.2.9/32'], namespace: 'dns' }),
  ],
};
const holder = service('team-a/web', { ip: '192.0.2.3' });
const last = service('team-a/last', { ip: '198.51.100.7' });
const shared = service('team-a/shared', { ip: '192.0.2.5', annotations: { 'metallb.io/allow-shared-ip': 'k' } });
const small = service('small/one', { ip: '192.0.2.4' });
const cluster: Cluster = {
  raw,
  namespaces: { shop: {}, small: {}, 'team-a': {}, payments: {} },
  services: [holder, last, shared, small],
};

interface Answer {
  readonly allowed: boolean;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly status?: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details: { readonly name: string; readonly kind: string; readonly causes: readonly { field: string }[] };
  };
}

async function validate(under: UnderTest, sent: Service, old?: Service, more: object = {}): Promise<Answer> {
  const { namespace, name } = sent.metadata;
  const operation = old ? 'UPDATE' : 'CREATE';
  const review = reviewRequest({ operation, namespace, name, object: sent, oldObject: old ?? null, ...more });
  const response = await supertest(under.app).post('/validate-service').send(review);
  assert.equal(response.status, 200, response.text);
  return response.body.response;
}

const annotated = (key: string, value: string, spec: object = {}): Service =>
  service('shop/web', { annotations: { [key]: value }, spec });

const refusals: readonly { name: string; sent: Service; reason: string; message: RegExp; field: string }[] = [
  {
    name: 'an address that no pool holds',
    sent: service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
    reason: 'AddressOutsidePools',
    message: /10\.9\.9\.9.*pools/,
    field: 'spec.loadBalancerIP',
  },
  {
    name: 'an address that somebody holds',
    sent: service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }),
    reason: 'AlreadyAllocated',
    message: /team-a\/web holds it/,
    field: 'spec.loadBalancerIP',
  },
  {
    name: 'an address that is reserved',
    sent: annotated('metallb.io/loadBalancerIPs', '192.0.2.9'),
    reason: 'AddressReserved',
    message: /reserved for/,
    field: 'metadata.annotations[metallb.io/loadBalancerIPs]',
  },
  {
    name: 'a pool that is pinned to others',
    sent: annotated('metallb.io/address-pool', 'payments'),
    reason: 'PoolForbidden',
    message: /pool "payments".*pinned/,
    field: 'metadata.annotations[metallb.io/address-pool]',
  },
  {
    name: 'a pool without a free address',
    sent: annotated('metallb.io/address-pool', 'tiny'),
    reason: 'OutOfIPs',
    message: /0 of 1/,
    field: 'metadata.annotations[metallb.io/address-pool]',
  },
  {
    name: 'a family that the named pool lacks',
    sent: annotated('metallb.io/address-pool', 'edge', { ipFamilies: ['IPv6'] }),
    reason: 'FamilyMismatch',
    message: /IPv6/,
    field: 'spec.ipFamilies',
  },
  {
    name: 'one Service more than the quota allows',
    sent: service('small/two'),
    reason: 'QuotaExceeded',
    message: /1 of 1/,
    field: 'spec.type',
  },
  {
    name: 'an annotation that is no address',
    sent: annotated('metallb.io/loadBalancerIPs', '192.0.2.300'),
    reason: 'InvalidRequest',
    message: /192\.0\.2\.300/,
    field: 'metadata.annotations[metallb.io/loadBalancerIPs]',
  },
  {
    name: 'a port that a sharer of the address has',
    sent: service('team-a/other', {
      annotations: { 'metallb.io/allow-shared-ip': 'k' },
      spec: { loadBalancerIP: '192.0.2.5' },
    }),
    reason: 'AlreadyAllocatedIncompatibleService',
    message: /team-a\/shared.*80/,
    field: 'spec.loadBalancerIP',
  },
];

for (const { name, sent, reason, message, field } of refusals) {
  test(`refused at CREATE: ${name}`, async () => {
    const under = webhookUnderTest(cluster);
    const answer = await validate(under, sent);
    assert.equal(answer.allowed, false, JSON.stringify(answer));
    assert.equal(answer.status?.code, 403);
    assert.equal(answer.status?.reason, 'Forbidden');
    assert.match(answer.status?.message ?? '', message);
    assert.match((answer.status?.message ?? '').split('\n')[0] ?? '', /; /, 'the first line names a remedy');
    assert.equal(answer.status?.details.name, sent.metadata.name);
    assert.equal(answer.status?.details.causes[0]?.field, field);
    assert.equal(answer.auditAnnotations?.refusal, reason);
    assert.deepEqual(under.refused, [reason]);
    assert.deepEqual(
      under.audit.map((entry) => [entry.event, entry.reason, entry.user.name]),
      [['refusal', reason, 'alice']],
    );
  });

  test(`said, and let pass, where it was so before: ${name}`, async () => {
    const under = webhookUnderTest(cluster);
    const labelled = { ...sent, metadata: { ...sent.metadata, labels: { a: 'b' }, finalizers: ['x/y'] } };
    assert.equal((await validate(under, labelled, sent)).allowed, true);
    assert.deepEqual(under.refused, []);
  });

  test(`the same on a dry run: ${name}`, async () => {
    const wet = await validate(webhookUnderTest(cluster), sent);
    const under = webhookUnderTest(cluster);
    assert.deepEqual(await validate(under, sent, undefined, { dryRun: true }), wet);
    assert.equal(under.audit[0]?.dryRun, true);
  });
}

const admitted: readonly { name: string; sent: Service; old?: Service; more?: object; warning?: RegExp }[] = [
  { name: 'a plain Service', sent: service('shop/web') },
  {
    name: 'a pool that does not exist yet, with a warning',
    sent: annotated('metallb.io/address-pool', 'later'),
    warning: /"later".*does not exist/,
  },
  {
    name: 'another implementation’s Service',
    sent: service('shop/web', { spec: { loadBalancerClass: 'x/y', loadBalancerIP: '10.9.9.9' } }),
  },
  {
    name: 'a Service of another type',
    sent: service('shop/web', { spec: { type: 'ClusterIP', loadBalancerIP: '10.9.9.9' } }),
  },
  {
    name: 'a Service on its way out',
    sent: {
      ...service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
      metadata: { name: 'web', namespace: 'shop', deletionTimestamp: '2030-01-01T00:00:00Z' },
    },
    old: service('shop/web'),
  },
  {
    name: 'the status, whatever the Service asks for',
    sent: service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
    old: service('shop/web'),
    more: { subResource: 'status' },
  },
  {
    name: 'a DELETE, whatever the Service asks for',
    sent: service('shop/web'),
    more: {
      operation: 'DELETE',
      object: null,
      oldObject: service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
    },
  },
];

for (const { name, sent, old, more, warning } of admitted) {
  test(`admitted: ${name}`, async () => {
    const answer = await validate(webhookUnderTest(cluster), sent, old, more);
    assert.equal(answer.allowed, true, JSON.stringify(answer));
    if (warning) assert.match(answer.warnings?.join(' ') ?? '', warning);
    else assert.equal(answer.warnings, undefined);
  });
}

test('a healthy Service can’t be broken by an edit', async () => {
  const under = webhookUnderTest(cluster);
  const edited = {
    ...holder,
    metadata: { ...holder.metadata, annotations: { 'metallb.io/loadBalancerIPs': '1.2.3' } },
  };
  const answer = await validate(under, edited, holder);
  assert.equal(answer.allowed, false);
  assert.match(answer.status?.message ?? '', /1\.2\.3/);
});

test('what rests on the Service alone is refused without asking the apiserver', async () => {
  const under = webhookUnderTest(cluster, 'unreachable');
  const answer = await validate(under, annotated('metallb.io/loadBalancerIPs', 'no-address'));
  assert.equal(answer.allowed, false);
  assert.deepEqual(under.reads, []);
});

const stale: readonly { name: string; sent: Service; live: Partial<Cluster>; reason: string }[] = [
  {
    name: 'the holder is gone',
    sent: service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }),
    live: { ...cluster, services: [last, small] },
    reason: 'AlreadyAllocated',
  },
  {
    name: 'the holder is another object of that name',
    sent: service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }),
    live: { ...cluster, services: [{ ...holder, metadata: { ...holder.metadata, uid: 'new' } }] },
    reason: 'AlreadyAllocated',
  },
  {
    name: 'the holder has moved to another address',
    sent: service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }),
    live: { ...cluster, services: [service('team-a/web', { ip: '192.0.2.5' })] },
    reason: 'AlreadyAllocated',
  },
  {
    name: 'the holder is no LoadBalancer any more',
    sent: service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }),
    live: { ...cluster, services: [service('team-a/web', { spec: { type: 'ClusterIP' } })] },
    reason: 'AlreadyAllocated',
  },
  {
    name: 'a pool for the address has just been made',
    sent: service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
    live: { ...cluster, raw: { ...raw, ipAddressPools: [...raw.ipAddressPools, pool('new', ['10.9.9.0/24'])] } },
    reason: 'AddressOutsidePools',
  },
  {
    name: 'the namespace has just got another label',
    sent: annotated('metallb.io/address-pool', 'payments'),
    live: { ...cluster, namespaces: { ...cluster.namespaces, shop: { tier: 'payments' } } },
    reason: 'PoolForbidden',
  },
  {
    name: 'the only address of the pool has just come back',
    sent: annotated('metallb.io/address-pool', 'tiny'),
    live: { ...cluster, services: [holder, small] },
    reason: 'OutOfIPs',
  },
  {
    name: 'the reservation has just ended',
    sent: service('shop/web', { spec: { loadBalancerIP: '192.0.2.9' } }),
    live: { ...cluster, raw: { ...raw, addressReservations: [] } },
    reason: 'AddressReserved',
  },
  {
    name: 'the Service that used up the quota is gone',
    sent: service('small/two'),
    live: { ...cluster, services: [holder, last] },
    reason: 'QuotaExceeded',
  },
];

for (const { name, sent, live, reason } of stale) {
  test(`admitted with a warning where the cache is behind: ${name}`, async () => {
    const under = webhookUnderTest(cluster, live);
    const answer = await validate(under, sent);
    assert.equal(answer.allowed, true, JSON.stringify(answer));
    assert.match(answer.warnings?.join(' ') ?? '', /Admitted, and Berth decides again/);
    assert.deepEqual(under.overturned, [`${reason} stale`]);
    assert.deepEqual(under.refused, []);
  });
}

test('a refusal that can’t be confirmed is not spoken', async () => {
  const under = webhookUnderTest(cluster, 'unreachable');
  const answer = await validate(under, service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }));
  assert.equal(answer.allowed, true);
  assert.match(answer.warnings?.join(' ') ?? '', /could not be asked in time/);
  assert.deepEqual(under.overturned, ['AlreadyAllocated unconfirmed']);
  assert.deepEqual(under.warnings, ['cannot confirm a refusal; admitting']);
});

test('a live read that never answers is not waited for', async () => {
  const never = () => new Promise<never>(() => undefined);
  const reads = {
    service: never,
    namespaceLabels: never,
    poolGenerations: never,
    reservationExists: never,
    configuration: never,
  };
  const under = webhookUnderTest(cluster, cluster, { reads, confirmWithinMs: 20 });
  const answer = await validate(under, service('shop/web', { spec: { loadBalancerIP: '192.0.2.3' } }));
  assert.equal(answer.allowed, true);
  assert.deepEqual(under.overturned, ['AlreadyAllocated unconfirmed']);
});

test('as long as the cluster isn’t known, a Service is admitted with a warning', async () => {
  const answer = await validate(
    webhookUnderTest(undefined),
    service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
  );
  assert.equal(answer.allowed, true);
  assert.match(answer.warnings?.join(' ') ?? '', /still starting/);
});

test('a new assignment goes into the audit trail, once, and not on a dry run', async () => {
  const annotations = { [ASSIGNED_POOL]: 'edge', [ASSIGNED_BECAUSE]: 'the only open pool' };
  const sent = service('shop/web', { annotations });
  const under = webhookUnderTest(cluster);
  await validate(under, sent, undefined, { dryRun: true });
  assert.deepEqual(under.audit, []);
  const answer = await validate(under, sent);
  assert.deepEqual(answer.auditAnnotations, { pool: 'edge', because: 'the only open pool' });
  assert.deepEqual(
    under.audit.map(({ event, pool: given, because }) => [event, given, because]),
    [['assignment', 'edge', 'the only open pool']],
  );
  await validate(under, sent, sent);
  assert.equal(under.audit.length, 1);
});

test('who changes ports or type of a load balancer is in the audit trail, with both sides', async () => {
  const under = webhookUnderTest(cluster);
  const changed = { ...holder, spec: { ...holder.spec, ports: [{ port: 81, protocol: 'TCP' }] } };
  await validate(under, changed, holder);
  await validate(under, { ...holder, spec: { ...holder.spec, type: 'ClusterIP' } }, holder);
  assert.deepEqual(
    under.audit.map(({ event, change }) => [event, change?.map(({ op, path }) => `${op} ${path}`)]),
    [
      ['service-change', ['test /spec/ports/0/port', 'replace /spec/ports/0/port']],
      ['service-change', ['test /spec/type', 'replace /spec/type']],
    ],
  );
});

test('of another namespace, no more than the holder’s name is told', async () => {
  const secretive = service('team-a/web', {
    ip: '192.0.2.3',
    annotations: { owner: 'secret-owner', 'metallb.io/allow-shared-ip': 'secret-key' },
    labels: { plan: 'secret-plan' },
    spec: { selector: { app: 'secret-app' }, ports: [{ port: 4444, protocol: 'TCP', name: 'secret-port' }] },
  });
  const under = webhookUnderTest({
    ...cluster,
    services: [secretive],
    namespaces: { ...cluster.namespaces, 'team-a': { x: 'secret-label' } },
  });
  for (const annotations of [
    {},
    { 'metallb.io/allow-shared-ip': 'mine' },
    { 'metallb.io/allow-shared-ip': 'secret-key' },
  ]) {
    const spec = { loadBalancerIP: '192.0.2.3', ports: [{ port: 4444, protocol: 'TCP' }] };
    const answer = await validate(under, service('shop/web', { annotations, spec }));
    assert.equal(answer.allowed, false);
    const text = JSON.stringify(answer).replaceAll(
      'secret-key',
      annotations['metallb.io/allow-shared-ip'] === 'secret-key' ? '' : 'secret-key',
    );
    assert.doesNotMatch(text, /secret/);
  }
});

const hostile: readonly { name: string; object: unknown; status: number }[] = [
  { name: 'annotations that are a list', object: { metadata: { name: 'a', annotations: [] }, spec: {} }, status: 422 },
  {
    name: 'annotations with numbers',
    object: { metadata: { name: 'a', annotations: { x: 1 } }, spec: {} },
    status: 422,
  },
  { name: 'no metadata', object: { spec: {} }, status: 422 },
  { name: 'no spec', object: { metadata: { name: 'a' } }, status: 422 },
  { name: 'a type that is a number', object: { metadata: { name: 'a' }, spec: { type: 7 } }, status: 422 },
  {
    name: 'ports that are text',
    object: { metadata: { name: 'a' }, spec: { type: 'LoadBalancer', ports: 'x' } },
    status: 200,
  },
  {
    name: 'ports that are null',
    object: { metadata: { name: 'a' }, spec: { type: 'LoadBalancer', ports: [null] } },
    status: 200,
  },
  {
    name: 'a status of the wrong shape',
    object: { metadata: { name: 'a' }, spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: 'x' } } },
    status: 200,
  },
  {
    name: 'an annotation of 1 MB',
    object: service('shop/web', { annotations: { 'metallb.io/loadBalancerIPs': '1'.repeat(1_000_000) } }),
    status: 200,
  },
  {
    name: 'control characters and marks that turn text around',
    object: service('shop/web', { annotations: { 'metallb.io/address-pool': 'a\u0000\u202e\u001b[31m\n' } }),
    status: 200,
  },
  {
    name: 'polluting keys',
    object: JSON.parse(
      '{"metadata":{"name":"a","annotations":{"__proto__":"x","constructor":"y"},"labels":{"__proto__":"z"}},"spec":{"type":"LoadBalancer","__proto__":{"loadBalancerIP":"1.2.3.4"}}}',
    ),
    status: 200,
  },
];

for (const path of ['/validate-service', '/mutate-service']) {
  for (const { name, object: sent, status } of hostile) {
    test(`${path} survives ${name}`, async () => {
      const under = webhookUnderTest(cluster);
      const response = await supertest(under.app)
        .post(path)
        .send(JSON.stringify(reviewRequest({ object: sent })))
        .type('application/json');
      assert.equal(response.status, status, response.text.slice(0, 500));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(response.body.response?.status?.message ?? '', /[\u0000-\u0009\u000b-\u001f\u202e]/);
      assert.ok(response.text.length < 20_000);
      assert.equal(Object.hasOwn(Object.prototype, 'loadBalancerIP'), false);
    });
  }
}

test('another kind than Service is not answered', async () => {
  const review = reviewRequest({
    kind: { group: '', version: 'v1', kind: 'Pod' },
    object: { metadata: { name: 'a' } },
  });
  const response = await supertest(webhookUnderTest(cluster).app).post('/validate-service').send(review);
  assert.equal(response.status, 422);
  assert.match(response.body.reason, /v1 Service only/);
});
