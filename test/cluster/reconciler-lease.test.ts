/** Two controllers: one leads, and what happens when it goes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../src/kube/client.ts';
import { isNotFound, KubeError } from '../../src/kube/kube-error.ts';
import * as resources from '../../src/kube/resources.ts';
import { addressesOf, ClusterGround, configNamespace } from '../support/kube/cluster-ground.ts';
import { startController } from '../support/kube/controller.ts';

let ground: ClusterGround;
before(async () => {
  ground = await ClusterGround.open();
  await ground.namespace('a');
  await ground.namespace('held');
  await ground.configure(resources.ipAddressPools, 'edge', { addresses: ['192.0.2.0/24'] });
});
after(() => ground.close());

/** Who holds the Lease, as far as everybody else can tell. */
async function leaseHeldBy(holderIdentity: string): Promise<void> {
  const target = { resource: resources.leases, namespace: configNamespace, name: 'berth-controller' };
  const patch = { spec: { holderIdentity, leaseDurationSeconds: 600 } };
  await ground.client.patch(target, patch, { type: 'merge', fieldManager: 'test' });
}

/** Waits until the addresses that this Service gave back are kept for it, and returns them. */
function keptFor(name: string): Promise<readonly string[]> {
  const target = { resource: resources.addressReservations, namespace: configNamespace };
  return ground.until(`the address of ${name} is held`, async () => {
    try {
      const found = await ground.client.get({ ...target, name: `hold-down.held.${name}` });
      return (found as typeof found & { spec: { addresses: readonly string[] } }).spec.addresses;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  });
}

const keepsForAnHour = { match: { namespaces: ['held'] }, releaseDelay: '1h' };

describe('two controllers', () => {
  it('hand over without a pause, and the new leader knows what the old one wrote', async (test) => {
    const start = (name: string): ReturnType<typeof startController> =>
      startController({ kubeconfig: ground.plane.kubeconfig, name });
    const first = await start('first');
    test.after(() => first.stop());
    await ground.until('the first leads', () => first.lease.isLeader() || undefined);
    const second = await start('second');
    test.after(() => second.stop());
    await second.world.synced;
    await ground.service('a/one');
    const one = addressesOf(await ground.allocated('a/one'));
    await ground.until('the second knows it too', () => second.world.world().ledger.get('a/one')?.addresses.length);
    assert.ok(!second.lease.isLeader());
    assert.deepEqual(ground.serviceWrites('second'), []);

    await Promise.all([first.stop(), ...['two', 'three', 'four'].map((name) => ground.service(`a/${name}`))]);
    const given = await Promise.all(
      ['one', 'two', 'three', 'four'].map(async (name) => addressesOf(await ground.allocated(`a/${name}`))),
    );
    assert.deepEqual(given[0], one);
    assert.equal(new Set(given.flat()).size, 4);
    assert.ok(second.lease.isLeader());
    assert.ok(!first.lease.isLeader());
  });

  it('lose no hold-down when nobody leads as a Service goes', async (test) => {
    const start = (name: string): ReturnType<typeof startController> =>
      startController({ kubeconfig: ground.plane.kubeconfig, name });
    await ground.configure(resources.addressPolicies, 'held', keepsForAnHour);
    test.after(() => ground.remove(resources.addressPolicies, 'held'));
    const last = await start('last');
    await ground.service('held/back');
    const addresses = addressesOf(await ground.allocated('held/back')).toSorted();
    await last.stop();
    await leaseHeldBy('somebody-who-died');
    const next = await start('next');
    test.after(() => next.stop());
    const reads = (): boolean => next.lines.some((line) => line.includes('world read'));
    await ground.until('the next one follows', () => reads() || undefined);
    await ground.deleteService('held/back');
    await ground.until('it sees the Service go', () => !next.world.world().ledger.get('held/back') || undefined);
    assert.ok(!next.lease.isLeader());
    await leaseHeldBy('');
    assert.deepEqual(await keptFor('back'), addresses);
  });

  it('decide nothing on policies that they know to be behind', async (test) => {
    let hurt = false;
    const through = (client: KubeClient): KubeClient => ({
      ...client,
      stream: (path, given) =>
        hurt && path.includes('addresspolicies')
          ? Promise.reject(new KubeError(503, 'ServiceUnavailable', 'hurt', { retryAfterMs: 200 }))
          : client.stream(path, given),
    });
    const controller = await startController({ kubeconfig: ground.plane.kubeconfig, name: 'behind', through });
    test.after(() => controller.stop());
    const { world } = controller;
    await ground.service('held/gone');
    const addresses = addressesOf(await ground.allocated('held/gone')).toSorted();
    hurt = true;
    controller.client.sever();
    const others = (): boolean => world.behind()?.startsWith('addressPolicies') ?? false;
    await ground.until('only the policies are behind', () => others() || undefined);

    await ground.configure(resources.addressPolicies, 'unseen', { ...keepsForAnHour, quota: { services: 1 } });
    test.after(() => ground.remove(resources.addressPolicies, 'unseen'));
    await ground.deleteService('held/gone');
    for (const name of ['one', 'two']) await ground.service(`held/${name}`);
    await ground.until('it sees them', () => (world.service('held/two') && !world.service('held/gone')) || undefined);
    await sleep(500);
    for (const name of ['one', 'two']) assert.deepEqual(addressesOf(await ground.read(`held/${name}`)), []);

    hurt = false;
    assert.deepEqual(await keptFor('gone'), addresses);
    await ground.allocated('held/one');
    await ground.reasoned('held/two', 'QuotaExceeded');
  });

  it('go on after the apiserver was away', async (test) => {
    const lease = { durationMs: 3_000, renewDeadlineMs: 2_000, retryMs: 200 };
    const controller = await startController({ kubeconfig: ground.plane.kubeconfig, name: 'steady', lease });
    test.after(() => controller.stop());
    await ground.until('it leads', () => controller.lease.isLeader() || undefined);
    await ground.plane.stopApiserver();
    await ground.until('it has lost the lease', () => !controller.lease.isLeader() || undefined);
    assert.ok(controller.world.trouble() !== undefined, 'it knows that it may be behind');
    assert.equal(controller.world.unready(), undefined, 'and still answers from what it knows');
    await ground.plane.startApiserver();
    await ground.until('it leads again', () => controller.lease.isLeader() || undefined);
    await ground.service('a/five');
    await ground.allocated('a/five');
    await ground.until('its watches are well', () => (controller.world.trouble() === undefined ? true : undefined));
  });
});
