import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '../core/api/kubernetes.ts';
import { parseService } from '../core/config/service.ts';
import { isSameNode, isSameWish, keepNode, keepService } from './kept-objects.ts';
import { slim } from './slim.ts';

const whole = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'a',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: 'web' },
    annotations: {
      'metallb.io/address-pool': 'edge',
      'metallb.io/ip-allocated-from-pool': 'edge',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    },
    managedFields: [{}],
    ownerReferences: [],
  },
  spec: {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.7',
    ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }],
    selector: { app: 'web' },
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    externalTrafficPolicy: 'Local',
    loadBalancerIP: '192.0.2.1',
    sessionAffinity: 'None',
  },
  status: {
    loadBalancer: { ingress: [{ ip: '192.0.2.1' }] },
    conditions: [
      { type: 'berth.dev/Allocated', status: 'True', reason: 'Allocated', message: '' },
      { type: 'other', status: 'True', reason: 'x', message: '' },
    ],
  },
} as unknown as Service;

describe('what is kept of objects', () => {
  it('says of a load balancer all that decisions read', () => {
    const kept = keepService(slim(structuredClone(whole)));
    assert.deepEqual(parseService(kept), parseService(whole));
    assert.equal(kept.spec.clusterIP, undefined);
    assert.deepEqual(Object.keys(kept.metadata.annotations ?? {}), [
      'metallb.io/address-pool',
      'metallb.io/ip-allocated-from-pool',
    ]);
    assert.deepEqual(Object.values(kept.metadata).includes(undefined), false);
  });

  it('says of any other Service what of ours is left on it', () => {
    const kept = keepService({ ...whole, spec: { ...whole.spec, type: 'ClusterIP' } });
    assert.deepEqual(kept, {
      metadata: {
        name: 'web',
        namespace: 'a',
        uid: 'u',
        resourceVersion: '7',
        annotations: { 'metallb.io/ip-allocated-from-pool': 'edge' },
      },
      spec: { type: 'ClusterIP', ipFamilies: ['IPv4'] },
      status: { conditions: [whole.status?.conditions?.[0]] },
    });
  });

  it('takes a status that changed for no change of what was wished', () => {
    const pool = {
      metadata: { name: 'edge', uid: 'u', generation: 1, labels: { a: 'b' } },
      status: { assignedIPv4: 1 },
    };
    assert.ok(isSameWish(pool, { ...pool, status: { assignedIPv4: 2 } } as never));
    const changes = [
      { generation: 2 },
      { uid: 'v' },
      { labels: { a: 'c' } },
      { annotations: { a: 'b' } },
      { deletionTimestamp: 'x' },
    ];
    for (const change of changes) {
      assert.ok(!isSameWish(pool, { metadata: { ...pool.metadata, ...change } }), JSON.stringify(change));
    }
  });

  it('takes a heartbeat of a Node for no change', () => {
    const node = (label: string, heartbeat: string): ReturnType<typeof keepNode> =>
      keepNode({
        metadata: { name: 'n', labels: { zone: label }, resourceVersion: heartbeat },
        status: {
          addresses: [{ type: 'InternalIP', address: '192.0.2.9' }],
          conditions: [{ type: 'Ready', status: heartbeat }],
        },
      });
    assert.ok(isSameNode(node('a', '1'), node('a', '2')));
    assert.ok(!isSameNode(node('a', '1'), node('b', '1')));
  });
});
