import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsonpatch from 'jsonpatch';
import { object, pool, service, worldOf } from '../../../test/support/webhook/world.ts';
import type { Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_BECAUSE, ASSIGNED_POOL } from '../../core/api/names.ts';
import { EMPTY_RAW_CONFIGURATION } from '../../core/config/raw-configuration.ts';
import type { World } from '../../core/policy/world.ts';
import type { PatchOperation } from '../admission-answer.ts';
import { type MutationContext, mutateService } from './mutate.ts';

const raw = {
  ...EMPTY_RAW_CONFIGURATION,
  ipAddressPools: [
    pool('edge', ['192.0.2.0/28']),
    pool('inner', ['198.51.100.0/28'], { autoAssign: false }),
    pool('payments', ['203.0.113.0/28'], { serviceAllocation: { priority: 10, namespaces: ['payments'] } }),
  ],
};
const world = worldOf({ raw, namespaces: { payments: {}, labelled: { 'berth.dev/pool': 'inner' } } });

function mutate(sent: Service, more: { old?: Service; world?: World | undefined } & Partial<MutationContext> = {}) {
  const { old, ...context } = more;
  const answer = mutateService(
    { service: sent, old },
    { world, clusterFamilies: ['IPv4', 'IPv6'], classRule: { own: undefined, assign: false }, ...context },
  );
  const patch: readonly PatchOperation[] = answer.patch ?? [];
  const patched: Service = patch.length === 0 ? sent : jsonpatch.apply_patch(structuredClone(sent), [...patch]);
  return { patch, patched };
}

const annotationOf = (sent: Service, key: string): string | undefined => sent.metadata.annotations?.[key];

const rows: readonly { name: string; sent: Service; pool: string | undefined }[] = [
  { name: 'a plain Service gets the pool that is open to all', sent: service('shop/web'), pool: 'edge' },
  {
    name: 'a named pool is written as the assigned one',
    sent: service('shop/web', { annotations: { 'metallb.io/address-pool': 'inner' } }),
    pool: 'inner',
  },
  { name: 'the namespace’s label names the pool', sent: service('labelled/web'), pool: 'inner' },
  { name: 'a pool pinned to the namespace goes first', sent: service('payments/web'), pool: 'payments' },
  {
    name: 'an absent pool leaves the Service as it is',
    sent: service('shop/web', { annotations: { 'metallb.io/address-pool': 'later' } }),
    pool: undefined,
  },
  {
    name: 'a Service that will be refused is left as it is',
    sent: service('shop/web', { spec: { loadBalancerIP: '10.9.9.9' } }),
    pool: undefined,
  },
  {
    name: 'an assignment that the namespace may not have is not trusted',
    sent: service('shop/web', { annotations: { [ASSIGNED_POOL]: 'payments', [ASSIGNED_BECAUSE]: 'I say so' } }),
    pool: 'edge',
  },
  {
    name: 'a Service without families in it yet is seen as the apiserver will complete it',
    sent: service('shop/web', { spec: { ipFamilies: undefined, ipFamilyPolicy: undefined } }),
    pool: 'edge',
  },
  {
    name: 'another implementation’s Service is not touched',
    sent: service('shop/web', { spec: { loadBalancerClass: 'cilium.io/lb' } }),
    pool: undefined,
  },
  {
    name: 'a Service of another type is not touched',
    sent: service('shop/web', { spec: { type: 'ClusterIP' } }),
    pool: undefined,
  },
];

for (const { name, sent, pool: expected } of rows) {
  test(name, () => {
    const { patched, patch } = mutate(sent);
    assert.equal(annotationOf(patched, ASSIGNED_POOL), expected);
    assert.equal(Boolean(annotationOf(patched, ASSIGNED_BECAUSE)), expected !== undefined);
    assert.notEqual(annotationOf(patched, ASSIGNED_BECAUSE), 'I say so');
    for (const { path } of patch)
      assert.match(path, /^\/metadata\/annotations(\/berth\.dev~1assigned-(pool|because))?$/);
    assert.deepEqual(mutate(patched).patch, [], 'asked again, it changes nothing');
    assert.deepEqual(mutate(structuredClone(sent)).patch, patch, 'asked twice, it says the same');
  });
}

test('nothing of the author’s is touched', () => {
  const sent = service('shop/web', {
    annotations: { 'a/b': 'c', 'metallb.io/address-pool': 'inner' },
    labels: { x: 'y' },
  });
  const { patched } = mutate(sent);
  const { [ASSIGNED_POOL]: _pool, [ASSIGNED_BECAUSE]: _because, ...annotations } = patched.metadata.annotations ?? {};
  assert.deepEqual({ ...patched, metadata: { ...patched.metadata, annotations } }, sent);
});

test('an assignment without a way to it is taken off a new Service', () => {
  const annotations = { [ASSIGNED_POOL]: 'gone', [ASSIGNED_BECAUSE]: 'x', 'metallb.io/address-pool': 'later' };
  const { patched } = mutate(service('shop/web', { annotations }));
  assert.deepEqual(patched.metadata.annotations, { 'metallb.io/address-pool': 'later' });
});

test('a running Service keeps its assignment where another pool would be chosen today', () => {
  const annotations = { [ASSIGNED_POOL]: 'edge', [ASSIGNED_BECAUSE]: 'as it was then' };
  const old = service('labelled/web', { annotations, ip: '192.0.2.3' });
  const holding = worldOf({ raw, services: [old], namespaces: { labelled: { 'berth.dev/pool': 'inner' } } });
  assert.deepEqual(
    mutate({ ...old, spec: { ...old.spec, externalTrafficPolicy: 'Local' } }, { old, world: holding }).patch,
    [],
  );
});

test('an assignment that an update takes away or forges is restored with its sentence', () => {
  const annotations = { [ASSIGNED_POOL]: 'edge', [ASSIGNED_BECAUSE]: 'as it was then' };
  const old = service('shop/web', { annotations, ip: '192.0.2.3' });
  const holding = worldOf({ raw, services: [old] });
  for (const sent of [
    service('shop/web', { ip: '192.0.2.3' }),
    service('shop/web', { annotations: { [ASSIGNED_POOL]: 'payments', [ASSIGNED_BECAUSE]: 'mine' }, ip: '192.0.2.3' }),
  ]) {
    assert.deepEqual(mutate(sent, { old, world: holding }).patched.metadata.annotations, annotations);
  }
});

test('a Service that becomes a LoadBalancer by an update is assigned like a new one', () => {
  const old = service('shop/web', { spec: { type: 'ClusterIP' } });
  assert.equal(annotationOf(mutate(service('shop/web'), { old }).patched, ASSIGNED_POOL), 'edge');
});

test('as long as the cluster is not known, nothing is written', () => {
  assert.deepEqual(mutate(service('shop/web'), { world: undefined }).patch, []);
});

test('a class is given at creation where the install asks for it, and only to who has none', () => {
  const classRule = { own: 'berth.dev/lb', assign: true };
  const created = mutate(service('shop/web'), { classRule }).patched;
  assert.equal(created.spec.loadBalancerClass, 'berth.dev/lb');
  assert.equal(annotationOf(created, ASSIGNED_POOL), 'edge');
  assert.deepEqual(mutate(created, { classRule }).patch, []);
  const others = service('shop/web', { spec: { loadBalancerClass: 'other/lb' } });
  assert.deepEqual(mutate(others, { classRule }).patch, []);
  const running = service('shop/web');
  assert.deepEqual(mutate(running, { classRule, old: running }).patch, [], 'it can be set at creation only');
  assert.deepEqual(mutate(service('shop/web'), { classRule: { own: 'berth.dev/lb', assign: false } }).patch, []);
});

test('with families of an IPv6 cluster, a pool of IPv6 is chosen', () => {
  const six = worldOf({
    raw: {
      ...raw,
      ipAddressPools: [pool('four', ['192.0.2.0/28']), pool('six', ['2001:db8::/120'])],
      addressPolicies: [object('berth.dev/v1alpha1', 'AddressPolicy', 'all', { pools: ['four', 'six'] })],
    },
  });
  const sent = service('shop/web', { spec: { ipFamilies: undefined, ipFamilyPolicy: undefined } });
  assert.equal(annotationOf(mutate(sent, { world: six, clusterFamilies: ['IPv6'] }).patched, ASSIGNED_POOL), 'six');
});
