import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ServiceSpec, serviceObject, type WorldSpec, worldOf } from '../../test/support/world.ts';
import type { Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_CONDITION, ALLOCATED_FROM_POOL } from '../core/api/names.ts';
import { parseService } from '../core/config/service.ts';
import { formatAddress } from '../core/net/address.ts';
import { decide } from '../core/policy/decide.ts';
import type { World } from '../core/policy/world.ts';
import { formatTime } from '../core/status/rfc3339.ts';
import { servicePatch } from '../kube/service-patch.ts';
import { desiredStatus } from './desired-status.ts';

const edge = { pools: { edge: '192.0.2.0/30' } };

/** What would be written for a Service: `undefined` for nothing. */
function written(service: Service, world: World): Record<string, unknown> | undefined {
  const request = parseService(service);
  const desired = desiredStatus(service, world.ledger.get(request.key), decide(request, world), world);
  return desired && servicePatch(service, desired.status, ALLOCATED_CONDITION, formatTime(world.now));
}

/** The Service as it is after a write. */
function after(service: Service, patch: Record<string, unknown> | undefined): Service {
  const { metadata, status } = (patch ?? {}) as {
    metadata?: { annotations?: Record<string, string | null> };
    status?: Service['status'];
  };
  const annotations = { ...service.metadata.annotations, ...metadata?.annotations };
  const kept = Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== null));
  return {
    ...service,
    metadata: { ...service.metadata, annotations: kept as Record<string, string> },
    status: { ...service.status, ...status },
  };
}

function given(spec: WorldSpec, service: ServiceSpec): { world: World; object: Service } {
  const world = worldOf({ ...spec, services: [...(spec.services ?? []), service] });
  return { world, object: serviceObject(service) };
}

describe('desired status', () => {
  it('from a pool that says Move tells in the same write that nobody has announced the address yet', () => {
    const moving = { pools: { edge: { addresses: ['192.0.2.0/30'], onConflict: 'Move' } } };
    const { world, object } = given(moving, { key: 'a/web' });
    const patch = written(object, world);
    const { annotations } = (patch as { metadata: { annotations: unknown } }).metadata;
    assert.deepEqual(annotations, { [ALLOCATED_FROM_POOL]: 'edge', 'berth.dev/unannounced': '192.0.2.0' });
    assert.equal(written(after(object, patch), world), undefined);
  });

  it('of a Service that came with its address says nothing of the kind, whatever the pool says', () => {
    const moving = { pools: { edge: { addresses: ['192.0.2.0/30'], onConflict: 'Move' } } };
    const { world, object } = given(moving, { key: 'a/web', status: ['192.0.2.1'] });
    assert.ok(!JSON.stringify(written(object, world) ?? {}).includes('unannounced'));
  });

  it('of a new Service: address, pool and condition in one write, and nothing after it', () => {
    const { world, object } = given(edge, { key: 'a/web' });
    const patch = written(object, world);
    assert.deepEqual(patch, {
      metadata: { uid: 'uid-of-a/web', resourceVersion: undefined, annotations: { [ALLOCATED_FROM_POOL]: 'edge' } },
      status: {
        loadBalancer: { ingress: [{ ip: '192.0.2.0', ipMode: 'VIP' }] },
        conditions: [
          {
            type: ALLOCATED_CONDITION,
            status: 'True',
            reason: 'Allocated',
            message: 'Assigned 192.0.2.0 from pool "edge": pool "edge" is given to every Service that names none',
            lastTransitionTime: formatTime(world.now),
          },
        ],
      },
    });
    const object2 = after(object, patch);
    const status = ['192.0.2.0'];
    assert.equal(written(object2, worldOf({ ...edge, services: [{ key: 'a/web', status }] })), undefined);
  });

  it('of a Service that another implementation served well: no write at all', () => {
    const { world, object } = given(edge, { key: 'a/web', status: ['192.0.2.2'] });
    assert.equal(written(object, world), undefined);
  });

  it('of a Service whose status was wiped while our condition stands: the same address again', () => {
    const { world, object } = given(edge, { key: 'a/web', status: ['192.0.2.2'] });
    const wiped: Service = { ...object, status: { loadBalancer: {} } };
    const patch = written(wiped, world) as { status: { loadBalancer: { ingress: { ip: string }[] } } };
    assert.deepEqual(
      patch.status.loadBalancer.ingress.map(({ ip }) => ip),
      ['192.0.2.2'],
    );
  });

  it('of a refused Service: the reason alone, and nothing after it', () => {
    const { world, object } = given(edge, { key: 'a/web', ip: '198.51.100.1' });
    const patch = written(object, world);
    const condition = (patch?.status as Service['status'])?.conditions?.[0];
    assert.equal(condition?.status, 'False');
    assert.equal(condition?.reason, 'AddressOutsidePools');
    assert.equal((patch?.status as Service['status'])?.loadBalancer, undefined);
    assert.equal(written(after(object, patch), world), undefined);
  });

  it('of a Service on a younger claim to an address that an elder holds: one address for another, never none between', () => {
    const elder = { key: 'a/elder', status: ['192.0.2.1'], createdAt: '2026-01-01T00:00:00Z' };
    const young = { key: 'a/young', status: ['192.0.2.1'], createdAt: '2026-02-01T00:00:00Z' };
    const { world, object } = given({ ...edge, services: [elder] }, young);
    const patch = written(object, world) as { status: Service['status'] };
    assert.deepEqual(patch.status?.loadBalancer?.ingress, [{ ip: '192.0.2.0', ipMode: 'VIP' }]);
    assert.equal(written(serviceObject(elder), world), undefined, 'the elder is not touched');
  });

  it('of a Service whose address lies in no pool: another address, or none where there is none', () => {
    const lost = given(edge, { key: 'a/web', status: ['203.0.113.9'] });
    const replaced = written(lost.object, lost.world) as { status: Service['status'] };
    assert.deepEqual(replaced.status?.loadBalancer?.ingress, [{ ip: '192.0.2.0', ipMode: 'VIP' }]);
    const none = given(
      { pools: {} },
      { key: 'a/web', status: ['203.0.113.9'], annotations: { [ALLOCATED_FROM_POOL]: 'old' } },
    );
    const cleared = written(none.object, none.world) as {
      status: Service['status'];
      metadata: { annotations: Record<string, unknown> };
    };
    assert.deepEqual(cleared.status?.loadBalancer?.ingress, []);
    assert.equal(cleared.metadata.annotations[ALLOCATED_FROM_POOL], null);
  });

  it('leaves an address outside every pool alone while a pool is out of force by its own errors', () => {
    const pools = { edge: '192.0.2.0/30', broken: '203.0.113.300-203.0.113.9' };
    const { world, object } = given({ pools }, { key: 'a/web', status: ['203.0.113.9'] });
    assert.equal(written(object, world), undefined);
  });

  it('keeps what a dual-stack Service holds and adds what is missing', () => {
    const pools = { edge: ['192.0.2.0/30', '2001:db8::/126'] };
    const service = {
      key: 'a/web',
      families: ['IPv4', 'IPv6'],
      familyPolicy: 'PreferDualStack',
      status: ['192.0.2.3'],
    };
    const { world, object } = given({ pools }, service);
    const patch = written(object, world) as { status: Service['status'] };
    assert.deepEqual(
      patch.status?.loadBalancer?.ingress?.map(({ ip }) => ip),
      ['192.0.2.3', '2001:db8::'],
    );
  });

  it('says what the Service holds by it, for the ledger', () => {
    const { world, object } = given(edge, { key: 'a/web' });
    const desired = desiredStatus(object, undefined, decide(parseService(object), world), world);
    assert.deepEqual([desired?.pool, desired?.addresses.map(formatAddress)], ['edge', ['192.0.2.0']]);
  });
});
