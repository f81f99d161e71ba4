/** A cluster whose every webhook pod is dead starts all the same, and allocates as soon as Berth is back. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { powerOffNode, powerOnNode } from '../../lab/hurt/power.ts';
import { addresses, namespace, pool, removeWorkload, service, testLab, withinMs } from './cluster.ts';

const lab = testLab();
const of = 'webhooks-dead';
const nodes = lab.plan.nodes.map(({ name }) => name);

after(async () => {
  for (const node of nodes) await powerOnNode(lab, node);
  await lab.kubectl(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=180s']);
  await removeWorkload(lab, [of], [['service', 'early', '-n', 'kube-system']]);
});

test('nodes, kube-system and Berth itself come up, and Services made meanwhile are served', async () => {
  await lab.apply(...pool(lab, of, 3), namespace(of));
  await Promise.all(nodes.map((node) => powerOffNode(lab, node)));

  // Nobody answers admission now, and nothing may depend on an answer.
  await lab.apply(service('early', of, { selector: { app: 'early' } }), service('early', 'kube-system'));

  await Promise.all(nodes.map((node) => powerOnNode(lab, node)));
  const timeout = `--timeout=${withinMs / 1000}s`;
  await lab.kubectl(['wait', 'node', '--all', '--for=condition=Ready', timeout]);
  for (const workload of ['deployment/controller', 'daemonset/speaker']) {
    await lab.kubectl(['rollout', 'status', workload, '-n', 'metallb-system', timeout]);
  }
  assert.equal((await addresses(lab, of, 'early', 2)).length, 2);
  assert.equal((await addresses(lab, 'kube-system', 'early', 2)).length, 2);
});
