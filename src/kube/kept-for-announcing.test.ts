import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSame, keepNode, keepService, keepSlice, keepWish } from './kept-for-announcing.ts';

test('of a Service stays what planning reads', () => {
  const kept = keepService({
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u',
      labels: { app: 'web' },
      annotations: { 'metallb.universe.tf/ip-allocated-from-pool': 'edge', other: 'x' },
    },
    spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.10' }] }, conditions: [] },
  });
  assert.deepEqual(kept, {
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u',
      labels: { app: 'web' },
      annotations: { 'metallb.io/ip-allocated-from-pool': 'edge' },
    },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.10' }] } },
  });
});

test('a heartbeat of the kubelet changes nothing of a Node', () => {
  const node = (version: string, beat: string) =>
    keepNode({
      metadata: { name: 'n1', resourceVersion: version },
      status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: beat } as never] },
    });
  assert.ok(isSame(node('1', '10:00'), node('2', '10:05')));
  const notReady = keepNode({ metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  assert.ok(!isSame(node('1', '10:00'), notReady));
});

test('of a slice stays each state of a node once', () => {
  const kept = keepSlice({
    metadata: { name: 's', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web', other: 'x' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['10.0.0.1'], nodeName: 'n1', conditions: { ready: true } },
      { addresses: ['10.0.0.2'], nodeName: 'n1' },
      { addresses: ['10.0.0.3'], nodeName: 'n1', conditions: { ready: false } },
      { addresses: ['10.0.0.4'] },
    ],
  });
  assert.deepEqual(kept.endpoints, [
    { addresses: [], nodeName: 'n1', conditions: { ready: true, serving: true, terminating: false } },
    { addresses: [], nodeName: 'n1', conditions: { ready: false, serving: false, terminating: false } },
  ]);
  assert.deepEqual(kept.metadata.labels, { 'kubernetes.io/service-name': 'web' });
});

test('a status that the controller writes changes nothing of a pool, an edit does', () => {
  const pool = (generation: number, spec: object, status: object) =>
    keepWish({ metadata: { name: 'edge', generation }, spec, status } as never);
  assert.ok(isSame(pool(1, { a: 1 }, { used: 1 }), pool(1, { a: 1 }, { used: 2 })));
  assert.ok(!isSame(pool(1, { a: 1 }, {}), pool(2, { a: 2 }, {})));
});
