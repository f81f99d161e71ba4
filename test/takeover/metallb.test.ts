/** Berth takes a cluster over from the real MetalLB: every address stays, and no status changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { berth } from '../../bench/contenders/berth.ts';
import { until } from '../../bench/contenders/contender.ts';
import { metallb } from '../../bench/contenders/metallb.ts';
import { NAMESPACE, openGround } from '../../bench/ground.ts';
import { AddressWatch, createServices, serviceManifest } from '../../bench/load.ts';
import type { Service } from '../../src/core/api/kubernetes.ts';
import { services } from '../../src/kube/resources.ts';

const plain = 490;
/** Ten Services on one address, by MetalLB's sharing key. */
const sharers = Array.from({ length: 10 }, (_, index) => `sharer-${index}`);

test('500 Services that MetalLB gave addresses keep them, sharing included, and nothing is written', async (context) => {
  const ground = await openGround({ auditLog: true });
  context.after(() => ground.close());
  await metallb.prepare(ground, ['10.0.0.0/22']);
  const peer = await metallb.start(ground);
  const watch = new AddressWatch(ground);
  await watch.synced;
  await createServices(ground, watch, { services: plain, writers: 16 });
  for (const [index, name] of sharers.entries())
    await ground.client.create({ resource: services, namespace: NAMESPACE }, sharing(name, 8_000 + index));
  await Promise.all(sharers.map((name) => watch.arrival(name)));
  await watch.close();
  await peer.stop();
  const before = await statuses();
  assert.equal(before.size, plain + sharers.length);
  const shared = new Set(sharers.map((name) => before.get(name)));
  assert.equal(shared.size, 1, `the sharers have ${shared.size} addresses under MetalLB`);

  const ours = berth();
  // MetalLB's own definitions give way to ours, as in a take-over by `kubectl apply`.
  await ours.prepare(ground, ['10.0.0.0/22']);
  const running = await ours.start(ground);
  // A Service made now is the last in line: when it is served, all before it have been looked at.
  await ground.client.create({ resource: services, namespace: NAMESPACE }, serviceManifest('after'));
  await until('a new Service is served', async () => (await statuses()).get('after') !== '');
  await running.stop();

  const after = await statuses();
  const fresh = after.get('after');
  after.delete('after');
  assert.deepEqual(after, before);
  assert.ok(![...before.values()].includes(fresh!), 'the new Service got an address that was taken');

  async function statuses(): Promise<Map<string, string>> {
    const { items } = await ground.client.list<Service>({ resource: services, namespace: NAMESPACE });
    return new Map(items.map(({ metadata, status }) => [metadata.name, status?.loadBalancer?.ingress?.[0]?.ip ?? '']));
  }
});

function sharing(name: string, port: number): Service {
  const manifest = serviceManifest(name);
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { 'metallb.universe.tf/allow-shared-ip': 'one' } },
    spec: { ...manifest.spec, ports: [{ port }] },
  };
}
