/** The main job: a client outside the cluster reaches pods through the announcing node, over both families. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { answeringNode, readService, removeWorkload, served, testLab, workload } from './cluster.ts';

const lab = testLab();
const of = 'served';
let found: string[] = [];

before(async () => {
  found = await workload(lab, of, 0);
});
after(() => removeWorkload(lab, [of]));

test('the Service says which pool it was given, and why', async () => {
  const { metadata, status } = await readService(lab, of, 'web');
  assert.equal(metadata.annotations?.['berth.dev/assigned-pool'], of);
  assert.match(
    metadata.annotations?.['berth.dev/assigned-because'] ?? '',
    /label berth\.dev\/pool of namespace served/,
  );
  assert.equal(metadata.annotations?.['metallb.io/ip-allocated-from-pool'], of);
  const condition = status?.conditions?.find(({ type }) => type === 'berth.dev/Allocated');
  assert.equal(condition?.status, 'True');
});

for (const family of ['IPv4', 'IPv6'] as const) {
  test(`a client outside the cluster is served over ${family} through the announcing node`, async () => {
    const address = found.find((one) => one.includes(':') === (family === 'IPv6'));
    assert.ok(address, `no ${family} address among ${found.join(', ')}`);
    const answer = await served(lab, address);
    assert.match(answer.pod ?? '', /^web-/);
    assert.ok(await answeringNode(lab, address), `no node's hardware address stands for ${address}`);
  });
}

test('the address is on no interface of any node', async () => {
  for (const node of lab.plan.nodes) {
    const { stdout } = await lab.exec(node.name, ['ip', '-oneline', 'address', 'show']);
    for (const address of found)
      assert.ok(!stdout.includes(` ${address}/`), `${address} is on an interface of ${node.name}`);
  }
});

test('the runbooks of MetalLB find what they look for', async () => {
  const pools = await lab.kubectl(['get', 'ipaddresspools', '-n', 'metallb-system']);
  assert.match(pools, /^served\s/m);
  const logs = await lab.kubectl(['logs', '-n', 'metallb-system', '-l', 'app=metallb', '--tail=-1']);
  assert.match(logs, /"component":"controller"/);
  assert.match(logs, /"component":"speaker"/);
});
