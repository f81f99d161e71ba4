/** The reconciler against a real apiserver: what it writes, and what it leaves alone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Condition, KubeObject, Service } from '../../src/core/api/kubernetes.ts';
import { isNotFound } from '../../src/kube/kube-error.ts';
import { watchKind } from '../../src/kube/list-watch.ts';
import * as resources from '../../src/kube/resources.ts';
import {
  addressesOf,
  ClusterGround,
  conditionOf,
  configNamespace,
  controllerAccount,
} from '../support/kube/cluster-ground.ts';
import { type Controller, startController } from '../support/kube/controller.ts';

let ground: ClusterGround;
let controller: Controller;

before(async () => {
  ground = await ClusterGround.open();
  for (const name of ['a', 'b', 'c']) await ground.namespace(name);
  controller = await startController({ kubeconfig: await ground.controllerKubeconfig(), name: 'controller' });
  await ground.until('the controller leads', () => controller.lease.isLeader() || undefined);
});
after(async () => {
  await controller.stop();
  await ground.close();
});

type WithStatus = KubeObject & { status?: Record<string, unknown> & { conditions?: Condition[] } };

async function configStatus(resource: resources.Resource, name: string): Promise<NonNullable<WithStatus['status']>> {
  const object = await ground.client.get<WithStatus>({ resource, namespace: configNamespace, name });
  return object.status ?? {};
}

async function reservation(name: string): Promise<WithStatus | undefined> {
  try {
    return await ground.client.get<WithStatus>({
      resource: resources.addressReservations,
      namespace: configNamespace,
      name,
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Every list of addresses that a Service shows from now on, each once in a row. */
async function recordAddresses(key: string): Promise<{ seen: string[]; stop(): Promise<void> }> {
  const [namespace, name = ''] = key.split('/');
  const stop = new AbortController();
  const seen: string[] = [];
  const watch = watchKind<Service>({
    client: ground.client,
    resource: resources.services,
    namespace,
    fieldSelector: `metadata.name=${name}`,
    signal: stop.signal,
    onChange(change) {
      if (change.kind === 'deleted') return;
      const text = addressesOf(change.object).join();
      if (seen.at(-1) !== text) seen.push(text);
    },
  });
  await watch.synced;
  return {
    seen,
    async stop() {
      stop.abort();
      await watch.done;
    },
  };
}

interface EventFields {
  readonly reason: string;
  readonly note: string;
  readonly reportingController: string;
  readonly regarding: { readonly name: string };
}

describe('a Service', () => {
  it('gets address, pool, condition and event, by one write', async () => {
    await ground.pool('first', '192.0.2.0/28');
    await ground.service('a/first', 'first');
    const service = await ground.allocated('a/first');
    assert.deepEqual(service.status?.loadBalancer, { ingress: [{ ip: '192.0.2.0', ipMode: 'VIP' }] });
    assert.equal(service.metadata.annotations?.['metallb.io/ip-allocated-from-pool'], 'first');
    const condition = conditionOf(service);
    assert.deepEqual([condition?.status, condition?.reason], ['True', 'Allocated']);
    const managers = (service.metadata as unknown as { managedFields: { manager: string; subresource?: string }[] })
      .managedFields;
    assert.deepEqual(
      managers
        .map(({ manager, subresource }) => `${manager} ${subresource ?? ''}`)
        .filter((text) => text.includes('berth')),
      ['berth-controller status'],
    );
    const event = await ground.until('an event is told', async () => {
      const list = await ground.client.list<KubeObject & EventFields>({ resource: resources.events, namespace: 'a' });
      // The apiserver has something to tell of a new Service too, now and then.
      return list.items.find(
        ({ regarding, reportingController }) =>
          regarding.name === 'first' && reportingController === 'berth.dev/controller',
      );
    });
    assert.equal(event.reason, 'IPAllocated');
    assert.match(event.note, /^Assigned 192\.0\.2\.0 from pool "first"/);
    assert.deepEqual(
      ground.serviceWrites('controller').filter((line) => line.includes('a/first')),
      ['patch a/first 200'],
    );
  });

  it('of two families gets both from one pool', async () => {
    await ground.pool('dual', '192.0.2.16/28', '2001:db8:2::/64');
    await ground.service('a/dual', 'dual', {
      spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] },
    });
    assert.deepEqual(addressesOf(await ground.allocated('a/dual')), ['2001:db8:2::', '192.0.2.16']);
  });

  it('waits in sight for a pool that isn’t there yet, and has its address as soon as it comes', async () => {
    await ground.service('a/early', 'late-pool');
    const waiting = await ground.reasoned('a/early', 'NoPool');
    assert.match(conditionOf(waiting)?.message ?? '', /late-pool/);
    await ground.pool('late-pool', '192.0.2.32/32');
    assert.deepEqual(addressesOf(await ground.allocated('a/early')), ['192.0.2.32']);
  });

  it('waits where its pool is full, and the one that waits longest has the address that comes free', async () => {
    await ground.pool('full', '192.0.2.33/32');
    await ground.service('a/holder', 'full');
    await ground.allocated('a/holder');
    // Creation times are whole seconds; within one, the name decides.
    for (const name of ['w1', 'w2', 'w3']) {
      await ground.service(`a/${name}`, 'full');
      await ground.reasoned(`a/${name}`, 'OutOfIPs');
    }
    for (const [gone, next] of [
      ['holder', 'w1'],
      ['w1', 'w2'],
      ['w2', 'w3'],
    ]) {
      await ground.deleteService(`a/${gone}`);
      assert.deepEqual(addressesOf(await ground.allocated(`a/${next}`)), ['192.0.2.33']);
    }
  });

  it('whose status somebody wipes has the same address again', async () => {
    await ground.pool('wiped', '192.0.2.48/28');
    await ground.service('a/before', 'wiped');
    await ground.allocated('a/before');
    await ground.service('a/wiped', 'wiped');
    const held = addressesOf(await ground.allocated('a/wiped'));
    await ground.deleteService('a/before');
    await ground.edit('a/wiped', { status: { loadBalancer: null } }, 'status');
    assert.deepEqual(addressesOf(await ground.allocated('a/wiped')), held);
  });

  it('moves to another address without being without one between', async () => {
    await ground.pool('old', '192.0.2.64/32');
    await ground.pool('new', '192.0.2.65/32');
    await ground.service('a/mover', 'old');
    const held = addressesOf(await ground.allocated('a/mover'));
    const record = await recordAddresses('a/mover');
    await ground.edit('a/mover', { metadata: { annotations: { 'metallb.io/address-pool': 'new' } } });
    await ground.allocated('a/mover', held);
    await ground.until('the watch shows it', () => (record.seen.length > 1 ? true : undefined));
    await record.stop();
    assert.deepEqual(record.seen, ['192.0.2.64', '192.0.2.65']);
    const moved = await ground.read('a/mover');
    assert.equal(moved.metadata.annotations?.['metallb.io/ip-allocated-from-pool'], 'new');
  });

  it('that stops asking for a load balancer gives its address back and keeps no word of ours', async () => {
    await ground.pool('away', '192.0.2.66/32');
    await ground.service('a/away', 'away');
    await ground.allocated('a/away');
    await ground.service('a/next', 'away');
    await ground.reasoned('a/next', 'OutOfIPs');
    await ground.edit('a/away', { spec: { type: 'ClusterIP' } });
    assert.deepEqual(addressesOf(await ground.allocated('a/next')), ['192.0.2.66']);
    const cleared = await ground.until('our words are gone', async () => {
      const service = await ground.read('a/away');
      return conditionOf(service) === undefined ? service : undefined;
    });
    assert.equal(cleared.metadata.annotations?.['metallb.io/ip-allocated-from-pool'], undefined);
    assert.deepEqual(addressesOf(cleared), []);
  });

  it('of another class is never touched', async () => {
    await ground.pool('ours', '192.0.2.67/32');
    await ground.service('a/theirs', 'ours', { spec: { loadBalancerClass: 'example.com/other' } });
    await ground.service('a/ours', 'ours');
    await ground.allocated('a/ours');
    assert.deepEqual(
      ground.serviceWrites('controller').filter((line) => line.includes('a/theirs')),
      [],
    );
  });

  it('whose write is refused delays no other', async () => {
    await ground.pool('cursed', '192.0.2.80/28');
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['services/status'] }];
    await ground.client.request('POST', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', {
      body: {
        metadata: { name: 'cursed' },
        spec: {
          matchConstraints: { resourceRules: rules },
          validations: [{ expression: "object.metadata.name != 'cursed'", message: 'cursed' }],
        },
      },
    });
    await ground.client.request('POST', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', {
      body: { metadata: { name: 'cursed' }, spec: { policyName: 'cursed', validationActions: ['Deny'] } },
    });
    await ground.service('b/cursed', undefined, { spec: { loadBalancerClass: 'example.com/other' } });
    await ground.until('the policy is in force', async () => {
      try {
        await ground.edit('b/cursed', { metadata: { labels: { try: String(Date.now()) } } }, 'status');
        return undefined;
      } catch (error) {
        assert.match(String(error), /denied request: cursed/);
        return true;
      }
    });
    await ground.service('a/cursed', 'cursed');
    await ground.until(
      'the write was refused',
      () => controller.lines.some((line) => line.includes('status write refused')) || undefined,
    );
    await ground.service('a/blessed', 'cursed');
    await ground.allocated('a/blessed');
    assert.deepEqual(addressesOf(await ground.read('a/cursed')), []);
    await ground.client.request(
      'DELETE',
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/cursed',
    );
    await ground.allocated('a/cursed');
  });
});

describe('a pool', () => {
  it('says how full it is, and what that means', async () => {
    await ground.pool('counted', '192.0.2.96/31', '2001:db8:3::/112');
    await ground.service('a/counted', 'counted');
    await ground.allocated('a/counted');
    const status = await ground.until('the count is told', async () => {
      const found = await configStatus(resources.ipAddressPools, 'counted');
      return found.assignedIPv4 === 1 ? found : undefined;
    });
    const { assignedIPv4, assignedIPv6, availableIPv4, availableIPv6, observedGeneration } = status;
    assert.deepEqual(
      [assignedIPv4, assignedIPv6, availableIPv4, availableIPv6, observedGeneration],
      [1, 0, 1, 65_536, 1],
    );
    await ground.service('a/counted-2', 'counted');
    const full = await ground.until('the pool says that it is exhausted', async () => {
      const found = await configStatus(resources.ipAddressPools, 'counted');
      return found.conditions?.find(({ type }) => type === 'Exhausted')?.status === 'True' ? found : undefined;
    });
    assert.equal(full.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
  });

  it('that is edited into nonsense takes no address from anybody, and says what is wrong', async () => {
    await ground.pool('edited', '192.0.2.98/31');
    await ground.service('a/edited', 'edited');
    const held = addressesOf(await ground.allocated('a/edited'));
    await ground.pool('edited', '192.0.2.99-192.0.2.98');
    const status = await ground.until('the pool says so', async () => {
      const found = await configStatus(resources.ipAddressPools, 'edited');
      return found.conditions?.find(({ type }) => type === 'Ready')?.status === 'False' ? found : undefined;
    });
    assert.match(status.conditions?.[0]?.message ?? '', /192\.0\.2\.99-192\.0\.2\.98/);
    assert.deepEqual(addressesOf(await ground.read('a/edited')), held);
    await ground.pool('edited', '192.0.2.98/31');
    await ground.until('the pool is fine again', async () => {
      const found = await configStatus(resources.ipAddressPools, 'edited');
      return found.conditions?.find(({ type }) => type === 'Ready')?.status === 'True' ? true : undefined;
    });
    assert.deepEqual(addressesOf(await ground.read('a/edited')), held);
  });

  it('that is gone leaves no address behind that nobody could announce', async () => {
    await ground.pool('doomed', '192.0.2.100/32');
    await ground.service('a/doomed', 'doomed');
    await ground.allocated('a/doomed');
    await ground.remove(resources.ipAddressPools, 'doomed');
    const service = await ground.until('the address is gone', async () => {
      const found = await ground.read('a/doomed');
      return addressesOf(found).length === 0 ? found : undefined;
    });
    assert.equal(conditionOf(service)?.status, 'False');
    assert.equal(service.metadata.annotations?.['metallb.io/ip-allocated-from-pool'], undefined);
  });
});

describe('a hold-down', () => {
  it('keeps a released address for the Service’s return, and ends with it', async () => {
    await ground.pool('held', '192.0.2.112/31');
    await ground.configure(resources.addressPolicies, 'held', { match: { namespaces: ['b'] }, releaseDelay: '1h' });
    await ground.until(
      'the policy is known',
      () => controller.world.world().configuration.policies.some(({ name }) => name === 'held') || undefined,
    );
    await ground.service('b/back', 'held');
    const held = addressesOf(await ground.allocated('b/back'));
    await ground.deleteService('b/back');
    const kept = await ground.until('the address is held', () => reservation('hold-down.b.back'));
    const { addresses, namespace, service, holdDown } = (kept as WithStatus & { spec: Record<string, unknown> }).spec;
    assert.deepEqual([addresses, namespace, service, holdDown], [held, 'b', 'back', true]);
    await ground.service('a/other', 'held');
    assert.notDeepEqual(addressesOf(await ground.allocated('a/other')), held);
    await ground.service('b/back', 'held');
    assert.deepEqual(addressesOf(await ground.allocated('b/back')), held);
    await ground.until('the hold is over', async () =>
      (await reservation('hold-down.b.back')) === undefined ? true : undefined,
    );
    await ground.remove(resources.addressPolicies, 'held');
  });

  it('is over after its time, and whoever waits has the address', async () => {
    await ground.pool('brief', '192.0.2.114/32');
    await ground.configure(resources.addressPolicies, 'brief', { match: { namespaces: ['b'] }, releaseDelay: '3s' });
    await ground.until(
      'the policy is known',
      () => controller.world.world().configuration.policies.some(({ name }) => name === 'brief') || undefined,
    );
    await ground.service('b/brief', 'brief');
    await ground.allocated('b/brief');
    await ground.deleteService('b/brief');
    await ground.until('the address is held', () => reservation('hold-down.b.brief'));
    await ground.service('a/patient', 'brief');
    assert.deepEqual(addressesOf(await ground.allocated('a/patient')), ['192.0.2.114']);
    await ground.until('the reservation is gone', async () =>
      (await reservation('hold-down.b.brief')) === undefined ? true : undefined,
    );
    await ground.remove(resources.addressPolicies, 'brief');
  });
});

describe('policies and reservations', () => {
  it('say whether they are in force and what they come to', async () => {
    await ground.pool('quota', '192.0.2.128/28');
    await ground.configure(resources.addressPolicies, 'quota', {
      match: { namespaces: ['c'] },
      quota: { services: 1 },
    });
    await ground.until(
      'the policy is known',
      () => controller.world.world().configuration.policies.some(({ name }) => name === 'quota') || undefined,
    );
    await ground.service('c/one', 'quota');
    await ground.allocated('c/one');
    await ground.service('c/two', 'quota');
    await ground.reasoned('c/two', 'QuotaExceeded');
    await ground.until('the policy counts', async () => {
      const found = await configStatus(resources.addressPolicies, 'quota');
      return found.assignedIPv4 === 1 && found.services === 1 ? true : undefined;
    });
    await ground.deleteService('c/one');
    assert.equal(
      addressesOf(await ground.allocated('c/two')).length,
      1,
      'a release within the quota wakes who waits for it',
    );
    await ground.remove(resources.addressPolicies, 'quota');

    await ground.configure(resources.addressReservations, 'kept', { addresses: ['192.0.2.140'], namespace: 'c' });
    await ground.until('the reservation counts', async () => {
      const found = await configStatus(resources.addressReservations, 'kept');
      return found.reserved === 1 && found.conditions?.[0]?.status === 'True' ? true : undefined;
    });
    await ground.configure(resources.addressReservations, 'kept', { addresses: ['192.0.2.999'], namespace: 'c' });
    await ground.until('the reservation says what is wrong', async () => {
      const found = await configStatus(resources.addressReservations, 'kept');
      return found.conditions?.find(({ type }) => type === 'Ready')?.message.includes('192.0.2.999') || undefined;
    });
    await ground.remove(resources.addressReservations, 'kept');
  });
});

describe('metrics', () => {
  it('count by MetalLB’s names what its dashboards show', async () => {
    const text = await controller.registry.metrics();
    assert.match(text, /metallb_allocator_addresses_total\{pool="first",component="controller"\} 16/);
    assert.match(text, /metallb_allocator_addresses_in_use_total\{pool="first",component="controller"\} 1/);
    assert.match(text, /berth_leader\{component="controller"\} 1/);
    assert.match(text, /berth_status_writes_total\{outcome="written",component="controller"\} \d+/);
  });
});

describe('the rights that are shipped', () => {
  it('were enough for all of this', () => {
    assert.deepEqual(ground.forbidden(controllerAccount), []);
    assert.ok(ground.plane.requests().some(({ user }) => user.username === controllerAccount));
  });
});
