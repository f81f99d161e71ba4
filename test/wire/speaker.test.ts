/** Whole speakers against a real apiserver: who announces, and what they leave behind. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as resources from '../../src/kube/resources.ts';
import { ClusterGround, type Speaker } from './cluster-ground.ts';
import { macOf } from './namespaces.ts';
import { untilTrue } from './real-ground.ts';
import { whereIs } from './where-is.ts';

const LIMIT = { timeout: 300_000 };

function ready(...speakers: readonly Speaker[]): Promise<void> {
  return untilTrue('all speakers ready', async () => {
    for (const speaker of speakers) if (!(await speaker.isReady())) return false;
    return true;
  });
}

/** Who has an address keeps it: a speaker that the others don't know yet would find all of them taken. */
function acquainted(speakers: readonly Speaker[]): Promise<void> {
  return untilTrue('all knowing all', async () =>
    speakers.every((each) => {
      const heard = each.log().matchAll(/"peer":"(\w+)"[^\n]*"msg":"speaker heard"/g);
      return new Set([...heard].map(([, peer]) => peer)).size === speakers.length - 1;
    }),
  );
}

test('a Service’s addresses of both families are announced, measured and withdrawn', LIMIT, async () => {
  await using ground = await ClusterGround.start();
  const client = ground.lan.addHost('client', ['192.0.2.2/24', '2001:db8::2/64']);
  const node = await ground.addNode('n1', 11);
  await ground.addService('web', ['192.0.2.130', '2001:db8::1010']);
  const speaker = ground.startSpeaker('n1', node);
  await ready(speaker);

  for (const address of ['192.0.2.130', '2001:db8::1010']) {
    await untilTrue(`${address} announced`, async () => whereIs(client, address) === macOf(node));
    const labels = `{service="default/web",protocol="layer2",node="n1",ip="${address}",component="speaker"}`;
    await untilTrue('the metric', async () =>
      (await speaker.metrics()).includes(`metallb_speaker_announced${labels} 1`),
    );
  }
  await untilTrue('the event', async () => {
    const list = await ground.client.list({ resource: resources.events, namespace: 'default' });
    const notes = JSON.stringify(list.items);
    return notes.includes('nodeAssigned') && notes.includes('announcing from node \\"n1\\" with protocol \\"layer2\\"');
  });
  const rules = () => execFileSync('ip', ['netns', 'exec', node, 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
  await untilTrue('the port filter', async () => rules().includes('2001:db8::1010'));

  await ground.client.delete({ resource: resources.services, namespace: 'default', name: 'web' });
  await untilTrue('no address announced', async () => !(await speaker.metrics()).includes('192.0.2.130'));
  await untilTrue('the port filter gone', async () => !rules().includes('berth'));
  assert.match(speaker.log(), /"msg":"announcing"/);
});

test('addresses are spread over the nodes, each with one owner that all agree on', LIMIT, async () => {
  await using ground = await ClusterGround.start();
  const client = ground.lan.addHost('client', ['192.0.2.2/24']);
  const nodes = [await ground.addNode('n1', 11), await ground.addNode('n2', 12), await ground.addNode('n3', 13)];
  const addresses = Array.from({ length: 24 }, (_, at) => `192.0.2.${130 + at}`);
  const speakers = nodes.map((namespace, at) => ground.startSpeaker(`n${at + 1}`, namespace));
  await ready(...speakers);
  await acquainted(speakers);
  for (const [at, address] of addresses.entries()) await ground.addService(`web-${at}`, [address]);

  await untilTrue('every node announcing its share', async () => {
    const shares = await Promise.all(speakers.map(share));
    return shares.every((each) => each > 0) && shares.reduce((sum, each) => sum + each) === addresses.length;
  });
  // On a busy machine the announcements may still be on their way to the client's kernel.
  const all = nodes.map(macOf).sort().join();
  await untilTrue('the client finding every node, and every address', async () => {
    const owners = new Set(addresses.map((address) => whereIs(client, address) ?? 'nobody'));
    return [...owners].sort().join() === all;
  });
});

/** How many addresses a speaker says that it announces. */
async function share(speaker: Speaker): Promise<number> {
  return (await speaker.metrics()).match(/^metallb_speaker_announced\{/gm)?.length ?? 0;
}

test('a speaker that is killed, and one that is stopped cleanly, are replaced by the others', LIMIT, async () => {
  await using ground = await ClusterGround.start();
  const client = ground.lan.addHost('client', ['192.0.2.2/24']);
  const nodes = [await ground.addNode('n1', 11), await ground.addNode('n2', 12), await ground.addNode('n3', 13)];
  const addresses = Array.from({ length: 6 }, (_, at) => `192.0.2.${130 + at}`);
  const speakers = nodes.map((namespace, at) => ground.startSpeaker(`n${at + 1}`, namespace));
  await ready(...speakers);
  await acquainted(speakers);
  for (const [at, address] of addresses.entries()) await ground.addService(`web-${at}`, [address]);
  const macs = nodes.map(macOf);
  const ownersAre = (...which: readonly number[]) =>
    untilTrue(`all addresses on nodes ${which}`, async () => {
      const allowed = which.map((at) => macs[at]);
      return addresses.every((address) => allowed.includes(whereIs(client, address) ?? ''));
    });
  await ownersAre(0, 1, 2);

  await speakers[0]?.kill('SIGKILL');
  await ownersAre(1, 2);
  assert.equal(await speakers[1]?.kill('SIGTERM'), 0);
  await ownersAre(2);
  const log = speakers[2]?.log() ?? '';
  assert.match(log, /"peer":"n1","silentMs":[0-9]+,"msg":"speaker died"/);
  assert.match(log, /"peer":"n2","silentMs":[0-9]+,"msg":"speaker left"/);
  assert.match(log, /"cause":"Moved","from":"n2"/);

  // Nobody but the last one is left, and the apiserver is gone: it announces on.
  await ground.controlPlane.stopApiserver();
  assert.equal(await speakers[2]?.isReady(), true);
  await ownersAre(2);
});

test('a speaker that is told to stop falls silent and leaves no rule behind', LIMIT, async () => {
  await using ground = await ClusterGround.start();
  ground.lan.addHost('client', ['192.0.2.2/24']);
  const node = await ground.addNode('n1', 11);
  await ground.addService('web', ['192.0.2.130']);
  const speaker = ground.startSpeaker('n1', node);
  await ready(speaker);
  const rules = () => execFileSync('ip', ['netns', 'exec', node, 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
  await untilTrue('the port filter', async () => rules().includes('192.0.2.130'));
  assert.equal(await speaker.kill('SIGTERM'), 0);
  assert.equal(rules().includes('berth'), false);
  assert.match(speaker.log(), /"msg":"speaker stopped"/);
});
