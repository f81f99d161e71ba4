/** The announcing node's link is cut: another node takes the addresses over. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cutLink, healLink } from '../../lab/hurt/link.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import {
  addresses,
  answeringNode,
  namespace,
  pool,
  remove,
  served,
  servers,
  service,
  testLab,
  withinMs,
} from './cluster.ts';

const lab = testLab();
const of = 'link-cut';
let cut: string | undefined;

before(async () => {
  await lab.apply(...pool(lab, of, 3, { autoAssign: false }), namespace(of, { 'berth.dev/pool': of }));
  await lab.apply(servers('web', of), service('web', of));
});
after(async () => {
  if (cut) await healLink(lab, cut);
  await lab.kubectl(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=180s']);
  await remove(lab, [
    ['namespace', of],
    ['ipaddresspool,l2advertisement', of, '-n', 'metallb-system'],
  ]);
});

test('the client is served again through another node, over both families', async () => {
  const found = await addresses(lab, of, 'web', 2);
  for (const address of found) await served(lab, address);
  const [v4 = ''] = found;
  cut = await answeringNode(lab, v4);
  assert.ok(cut, `no node answers for ${v4}`);
  await cutLink(lab, cut);
  const successor = await waitFor(
    async () => {
      const answer = await served(lab, v4);
      const node = await answeringNode(lab, v4);
      return answer && node !== cut && node;
    },
    { what: `another node than ${cut} to answer for ${v4}`, withinMs },
  );
  assert.notEqual(successor, cut);
  for (const address of found) await served(lab, address);
});
