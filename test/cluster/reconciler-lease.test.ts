/** Two controllers: one leads, and what happens when it goes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as resources from '../../src/kube/resources.ts';
import { addressesOf, ClusterGround } from '../support/kube/cluster-ground.ts';
import { startController } from '../support/kube/controller.ts';

let ground: ClusterGround;
before(async () => {
  ground = await ClusterGround.open();
  await ground.namespace('a');
  await ground.configure(resources.ipAddressPools, 'edge', { addresses: ['192.0.2.0/24'] });
});
after(() => ground.close());

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
