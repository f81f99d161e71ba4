/** Writes are counted at the apiserver: none without need, also with a thousand Services and after a restart. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { KubeObject, Service } from '../../src/core/api/kubernetes.ts';
import { watchKind } from '../../src/kube/list-watch.ts';
import * as resources from '../../src/kube/resources.ts';
import { addressesOf, ClusterGround, conditionOf } from '../support/kube/cluster-ground.ts';
import { type Controller, startController } from '../support/kube/controller.ts';

const many = 1_000;
let ground: ClusterGround;

before(async () => {
  ground = await ClusterGround.open();
  await ground.namespace('a');
});
after(() => ground.close());

/** Stopped when the test ends, however it ends. */
async function start(test: TestContext, name: string): Promise<Controller> {
  const controller = await startController({ kubeconfig: ground.plane.kubeconfig, name });
  test.after(() => controller.stop());
  await ground.until(`${name} leads`, () => controller.lease.isLeader() || undefined);
  return controller;
}

/** Waits until the controller has looked at everything, and has nothing left to do. */
async function settled(controller: Controller): Promise<void> {
  const looked = (): boolean => controller.lines.some((line) => line.includes('"first look done"'));
  await ground.until('the first look is done', () => looked() || undefined);
  await ground.until('the queue is empty', async () => {
    const metric = await controller.registry.getSingleMetric('berth_reconcile_queue_depth')?.get();
    return metric?.values[0]?.value === 0 || undefined;
  });
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function all(): Promise<ReadonlyMap<string, Service>> {
  const list = await ground.client.list<Service>({ resource: resources.services, namespace: 'a' });
  return new Map(list.items.map((service) => [service.metadata.name, service]));
}

const writesTo = (agent: string, name: string): readonly string[] =>
  ground.serviceWrites(agent).filter((line) => line.includes(`a/${name}`));

describe('with a thousand Services', () => {
  it('each gets its own address by a single write', async (test) => {
    await ground.configure(resources.ipAddressPools, 'big', { addresses: ['192.0.2.0/24', '198.18.0.0/20'] });
    const controller = await start(test, 'first');
    await inParallel(many, (index) => ground.service(`a/s${index}`));
    await ground.until('all have addresses', async () => {
      const services = await all();
      return [...services.values()].filter((service) => addressesOf(service).length > 0).length === many || undefined;
    });
    await settled(controller);
    const given = [...(await all()).values()].flatMap(addressesOf);
    assert.equal(new Set(given).size, many);
    const writes = ground.serviceWrites('first').filter((line) => line.endsWith(' 200'));
    assert.equal(writes.length, many);
  });

  it('a restart writes to none of them', async (test) => {
    const before = await all();
    const controller = await start(test, 'second');
    await settled(controller);
    assert.deepEqual(ground.serviceWrites('second'), []);
    for (const [name, service] of await all()) {
      assert.equal(service.metadata.resourceVersion, before.get(name)?.metadata.resourceVersion);
    }
  });

  it('the deletion of one writes to none of the others', async (test) => {
    const controller = await start(test, 'third');
    await settled(controller);
    await ground.deleteService('a/s500');
    // What comes after it shows that it was taken in.
    await ground.service('a/after');
    await ground.allocated('a/after');
    await settled(controller);
    assert.deepEqual(ground.serviceWrites('third'), ['patch a/after 200']);
  });

  it('a touch of anything that Berth doesn’t read writes nothing', async (test) => {
    const controller = await start(test, 'fourth');
    await settled(controller);
    await ground.edit('a/s1', { metadata: { annotations: { note: 'x' } }, spec: { sessionAffinity: 'ClientIP' } });
    await ground.edit('a/s2', { status: { conditions: [] } }, 'status');
    await ground.service('a/after-touch');
    await ground.allocated('a/after-touch');
    await settled(controller);
    // The condition that was wiped is no reason to write: the address is as it should be.
    assert.deepEqual(ground.serviceWrites('fourth'), ['patch a/after-touch 200']);
  });
});

describe('what another implementation has left', () => {
  const written = async (name: string, ip: string): Promise<Service> => {
    await ground.service(`a/${name}`);
    const annotations = { 'metallb.universe.tf/ip-allocated-from-pool': 'big' };
    return ground.edit(
      `a/${name}`,
      { metadata: { annotations }, status: { loadBalancer: { ingress: [{ ip }] } } },
      'status',
    );
  };

  it('is taken over without a write', async (test) => {
    const kept = ['one', 'two', 'three'];
    for (const [index, name] of kept.entries()) await written(name, `198.18.15.${240 + index}`);
    const controller = await start(test, 'fifth');
    await settled(controller);
    for (const name of kept) assert.deepEqual(writesTo('fifth', name), []);
    assert.equal(controller.world.world().ledger.get('a/two')?.addresses.length, 1);
  });

  it('in conflict is settled by age: the elder isn’t touched, the younger moves without a gap, and both are told', async (test) => {
    const elder = await written('elder', '198.18.15.250');
    // Ages differ by whole seconds; within one, the name decides.
    const young = await written('young', '198.18.15.250');
    const seen: string[] = [];
    const stop = new AbortController();
    test.after(() => stop.abort());
    const watch = watchKind<Service>({
      client: ground.client,
      resource: resources.services,
      namespace: 'a',
      fieldSelector: 'metadata.name=young',
      signal: stop.signal,
      onChange: (change) => change.kind !== 'deleted' && seen.push(addressesOf(change.object).join()),
    });
    await watch.synced;
    const controller = await start(test, 'sixth');
    const moved = await ground.allocated('a/young', addressesOf(young));
    await settled(controller);
    assert.equal((await ground.read('a/elder')).metadata.resourceVersion, elder.metadata.resourceVersion);
    assert.deepEqual(writesTo('sixth', 'elder'), []);
    assert.equal(conditionOf(moved)?.status, 'True');
    await ground.until('the watch shows it', () => seen.includes(addressesOf(moved).join()) || undefined);
    assert.ok(!seen.includes(''), 'never without an address');
    await ground.until('both are told', async () => {
      const list = await ground.client.list<KubeObject & { reason: string; regarding: { name: string } }>({
        resource: resources.events,
        namespace: 'a',
      });
      const told = list.items
        .filter(({ reason }) => reason === 'AddressConflict')
        .map(({ regarding }) => regarding.name);
      const replaced = list.items.some(
        ({ reason, regarding }) => reason === 'IPReplaced' && regarding.name === 'young',
      );
      return (told.includes('elder') && told.includes('young') && replaced) || undefined;
    });
  });
});
