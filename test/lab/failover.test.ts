/**
 * The announcing node fails in every way there is: another node answers, and
 * clients are served over both families. A capture of the switch shows that
 * two nodes never go on answering for one address.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { startApiserver, stopApiserver } from '../../lab/hurt/apiserver.ts';
import { cutLink, healLink } from '../../lab/hurt/link.ts';
import { powerOffNode, powerOnNode } from '../../lab/hurt/power.ts';
import { killProcess, pauseProcess, resumeProcess } from '../../lab/hurt/process.ts';
import { processesOf } from '../../lab/hurt/target.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { served, testLab, withinMs } from './cluster.ts';
import { FailoverGround } from './failover-ground.ts';

const lab = testLab();
let ground: FailoverGround;

before(async () => {
  ground = await FailoverGround.start(lab, 'failover', 3);
});
afterEach(async () => {
  await startApiserver(lab);
  for (const { name } of lab.plan.nodes) {
    await powerOnNode(lab, name);
    await healLink(lab, name);
  }
});
after(() => ground.end());

test('the link of the announcing node is cut', async () => {
  await ground.prefer('node-1');
  await cutLink(lab, 'node-1');
  await ground.takenFrom('node-1');
});

test('its speaker is killed', async () => {
  await ground.prefer('node-2');
  await killProcess(lab, await ground.speakerOn('node-2'));
  await ground.takenFrom('node-2');
});

test('its speaker stands still, and wakes up when others have taken over', async () => {
  await ground.prefer('node-3');
  const speaker = await ground.speakerOn('node-3');
  await pauseProcess(lab, speaker);
  await ground.takenFrom('node-3');
  await resumeProcess(lab, speaker);
  // Preferred still: the address comes back when it is asked for, which is a move.
  await ground.until('node-3 to be given its addresses back', (name) => name === 'node-3');
});

test('its kubelet is killed: the same node answers when another kubelet runs', async () => {
  await ground.prefer('node-1');
  const [killed] = await processesOf(lab, 'node-1/kubelet');
  await killProcess(lab, 'node-1/kubelet');
  await waitFor(
    async () => {
      const [now] = await processesOf(lab, 'node-1/kubelet').catch(() => []);
      return now !== undefined && now.pid !== killed?.pid;
    },
    { what: 'another kubelet on node-1', withinMs },
  );
  await ground.until('node-1 to answer', (name) => name === 'node-1');
});

test('its link is cut while the apiserver is down', async () => {
  await ground.prefer('node-2');
  await stopApiserver(lab);
  await cutLink(lab, 'node-2');
  await ground.takenFrom('node-2');
});

test('its power fails', async () => {
  await ground.prefer('node-3');
  await powerOffNode(lab, 'node-3');
  await ground.takenFrom('node-3');
});

test('a switch that splits 2:1 and heals leaves one owner', async () => {
  await ground.prefer('node-3');
  await ground.partitioned([['node-1', 'node-2', 'client', 'router'], ['node-3']], () => ground.takenFrom('node-3'));
  for (const address of ground.addresses) await served(lab, address);
});

test('a switch that splits 1:1:1 and heals leaves one owner', async () => {
  await ground.prefer('node-2');
  await ground.partitioned([['node-1', 'client', 'router'], ['node-2'], ['node-3']], () => ground.takenFrom('node-2'));
  for (const address of ground.addresses) await served(lab, address);
});

test('through all of that, no two nodes went on answering for one address', () => {
  assert.deepEqual(ground.disputes(), []);
});
