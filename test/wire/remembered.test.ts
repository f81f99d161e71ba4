/** What speakers write down: statuses in the cluster, failovers, and what a restart needs on disk. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceL2Status } from '../../src/core/api/service-status.ts';
import type { Failover } from '../../src/core/l2/failover-log.ts';
import * as resources from '../../src/kube/resources.ts';
import { ClusterGround } from './cluster-ground.ts';
import { macOf } from './namespaces.ts';
import { untilTrue } from './real-ground.ts';
import { whereIs } from './where-is.ts';

const LIMIT = { timeout: 300_000 };
const ADDRESS = '192.0.2.130';

async function statusesIn(ground: ClusterGround): Promise<readonly ServiceL2Status[]> {
  const target = { resource: resources.serviceL2Statuses, namespace: 'metallb-system' };
  return (await ground.client.list<ServiceL2Status>(target)).items;
}

test(
  'the announcing node writes a ServiceL2Status, its heir replaces it, and a clean stop removes it',
  LIMIT,
  async () => {
    await using ground = await ClusterGround.start();
    const nodes = [await ground.addNode('n1', 11), await ground.addNode('n2', 12)];
    const [first, second] = nodes.map((namespace, at) => ground.startSpeaker(`n${at + 1}`, namespace));
    assert.ok(first !== undefined && second !== undefined);
    await ground.addService('web', [ADDRESS]);
    const writers = async () => (await statusesIn(ground)).map((each) => each.status?.node ?? '');
    await untilTrue('a status', async () => (await writers()).join() !== '');

    const [status] = await statusesIn(ground);
    const owner = status?.status?.node ?? '';
    const [dying, heir, heirName] = owner === 'n1' ? [first, second, 'n2'] : [second, first, 'n1'];
    assert.deepEqual(status?.status, {
      node: owner,
      serviceName: 'web',
      serviceNamespace: 'default',
      interfaces: [{ name: 'eth0' }],
    });
    assert.deepEqual(status.metadata.labels, {
      'metallb.io/node': owner,
      'metallb.io/service-name': 'web',
      'metallb.io/service-namespace': 'default',
    });
    assert.equal(status.metadata.annotations?.['berth.dev/addresses'], ADDRESS);
    assert.deepEqual(
      status.metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`),
      [`Node/${owner}`],
    );

    await dying.kill('SIGKILL');
    await untilTrue('the heir’s status alone', async () => (await writers()).join() === heirName);
    const failovers = (await heir.page('failovers')) as Failover[];
    const last = failovers.findLast((each) => each.cause === 'OwnerDied');
    assert.equal(`${last?.from} ${last?.to} ${last?.count} ${last?.addresses}`, `${owner} ${heirName} 1 ${ADDRESS}`);
    assert.ok((last?.detectedAfterMs ?? 0) > 0 && (last?.restoredAfterMs ?? 0) >= (last?.detectedAfterMs ?? 1));

    assert.equal(await heir.kill('SIGTERM'), 0);
    assert.deepEqual(await writers(), []);
  },
);

test(
  'a speaker that starts while the apiserver is away announces what it did, until the cluster says otherwise',
  LIMIT,
  async () => {
    await using ground = await ClusterGround.start();
    const client = ground.lan.addHost('client', ['192.0.2.2/24']);
    const node = await ground.addNode('n1', 11);
    await ground.addService('web', [ADDRESS]);
    const before = ground.startSpeaker('n1', node);
    await untilTrue('the state kept', async () => (await before.isReady()) && ground.stateOf('n1').includes(ADDRESS));
    await untilTrue('announced', async () => whereIs(client, ADDRESS) === macOf(node));

    await ground.controlPlane.stopApiserver();
    await before.kill('SIGKILL');
    const after = ground.startSpeaker('n1', node);
    await untilTrue('announced from memory', async () =>
      /^metallb_speaker_announced\{.*130"/m.test(await after.metrics()),
    );
    await untilTrue('answered', async () => whereIs(client, ADDRESS) === macOf(node));
    const age = /^berth_speaker_snapshot_age_seconds\{?.*\}? ([0-9.e-]+)$/m;
    assert.ok(Number(age.exec(await after.metrics())?.[1]) > 0, 'its age is shown');
    assert.match(after.log(), /"ageSeconds":[0-9]+,"addresses":1,.*"msg":"the cluster cannot be read: going on/);
    const key = /"keys":\[\[([0-9,]+)\]/.exec(ground.stateOf('n1'))?.[1];
    assert.ok(key !== undefined && !after.log().includes(key));

    await ground.controlPlane.startApiserver();
    await untilTrue('the cluster read again', async () => Number(age.exec(await after.metrics())?.[1]) === 0);
    await ground.client.delete({ resource: resources.services, namespace: 'default', name: 'web' });
    await untilTrue('withdrawn', async () => !(await after.metrics()).includes(ADDRESS));
  },
);
