import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '../core/api/kubernetes.ts';
import { type DesiredStatus, servicePatch } from './service-patch.ts';

const type = 'berth.dev/Allocated';
const now = '2026-07-19T11:42:17Z';
const before = '2026-07-01T00:00:00Z';
const condition = { type, status: 'True', reason: 'Allocated', message: 'fine' } as const;
const service = (more: { annotations?: Record<string, string>; status?: Service['status'] } = {}): Service => ({
  metadata: {
    namespace: 'a',
    name: 'web',
    uid: 'u',
    resourceVersion: '7',
    ...(more.annotations && { annotations: more.annotations }),
  },
  spec: { type: 'LoadBalancer' },
  ...(more.status && { status: more.status }),
});
const metadata = { uid: 'u', resourceVersion: '7' };
const ingress = (...ips: string[]): Service['status'] => ({
  loadBalancer: { ingress: ips.map((ip) => ({ ip, ipMode: 'VIP' })) },
});

const rows: readonly [
  name: string,
  service: Service,
  desired: DesiredStatus,
  patch: Record<string, unknown> | undefined,
][] = [
  ['nothing asked, nothing written', service(), {}, undefined],
  [
    'what is so already is not written',
    service({ status: ingress('192.0.2.1') }),
    { ingress: ['192.0.2.1'] },
    undefined,
  ],
  [
    'an ipMode left out by an older apiserver is the default',
    service({ status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
    { ingress: ['192.0.2.1'] },
    undefined,
  ],
  ['no address and none wanted is no change', service(), { ingress: [] }, undefined],
  [
    'addresses are written whole',
    service(),
    { ingress: ['192.0.2.1', '2001:db8::1'] },
    { metadata, status: ingress('192.0.2.1', '2001:db8::1') },
  ],
  [
    'another order is a change',
    service({ status: ingress('192.0.2.1', '2001:db8::1') }),
    { ingress: ['2001:db8::1', '192.0.2.1'] },
    { metadata, status: ingress('2001:db8::1', '192.0.2.1') },
  ],
  [
    'what is still unannounced is written with the addresses, in one annotation',
    service(),
    { ingress: ['192.0.2.1'], unannounced: ['192.0.2.1', '2001:db8::1'] },
    {
      metadata: { ...metadata, annotations: { 'berth.dev/unannounced': '192.0.2.1,2001:db8::1' } },
      status: ingress('192.0.2.1'),
    },
  ],
  [
    'what was announced leaves nothing behind',
    service({ annotations: { 'berth.dev/unannounced': '192.0.2.1' } }),
    { unannounced: [] },
    { metadata: { ...metadata, annotations: { 'berth.dev/unannounced': null } } },
  ],
  ['nothing unannounced and nothing written', service(), { unannounced: [] }, undefined],
  [
    'a host name of another implementation is replaced',
    service({ status: { loadBalancer: { ingress: [{ hostname: 'x.example' }] } } }),
    { ingress: ['192.0.2.1'] },
    { metadata, status: ingress('192.0.2.1') },
  ],
  [
    'addresses are taken away',
    service({ status: ingress('192.0.2.1') }),
    { ingress: [] },
    { metadata, status: { loadBalancer: { ingress: [] } } },
  ],
  [
    'the pool is written as an annotation',
    service(),
    { pool: 'edge' },
    { metadata: { ...metadata, annotations: { 'metallb.io/ip-allocated-from-pool': 'edge' } } },
  ],
  [
    'the same pool is not written',
    service({ annotations: { 'metallb.io/ip-allocated-from-pool': 'edge' } }),
    { pool: 'edge' },
    undefined,
  ],
  [
    'the pool is taken away',
    service({ annotations: { 'metallb.io/ip-allocated-from-pool': 'edge' } }),
    { pool: null },
    { metadata: { ...metadata, annotations: { 'metallb.io/ip-allocated-from-pool': null } } },
  ],
  ['no pool and none wanted is no change', service(), { pool: null }, undefined],
  [
    'a new condition begins now',
    service(),
    { condition },
    { metadata, status: { conditions: [{ ...condition, lastTransitionTime: now }] } },
  ],
  [
    'the same condition is not written',
    service({ status: { conditions: [{ ...condition, lastTransitionTime: before }] } }),
    { condition },
    undefined,
  ],
  [
    'another message keeps the time of the transition',
    service({ status: { conditions: [{ ...condition, message: 'old', lastTransitionTime: before }] } }),
    { condition },
    { metadata, status: { conditions: [{ ...condition, lastTransitionTime: before }] } },
  ],
  [
    'another status is a transition',
    service({ status: { conditions: [{ ...condition, status: 'False', lastTransitionTime: before }] } }),
    { condition },
    { metadata, status: { conditions: [{ ...condition, lastTransitionTime: now }] } },
  ],
  [
    'our condition is taken away',
    service({ status: { conditions: [{ ...condition, lastTransitionTime: before }] } }),
    { condition: null },
    { metadata, status: { conditions: [{ $patch: 'delete', type }] } },
  ],
  ['no condition and none wanted is no change', service(), { condition: null }, undefined],
];

describe('service patch', () => {
  for (const [name, object, desired, patch] of rows) {
    it(name, () => assert.deepEqual(servicePatch(object, desired, type, now), patch));
  }
});
