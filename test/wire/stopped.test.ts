/** The fence of a process that stood still: what it was asked meanwhile, and is asked afterwards, it doesn't answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterGround } from './cluster-ground.ts';
import { arpQuestion, placeOf } from './frames.ts';
import { macOf } from './namespaces.ts';
import { RealStation, until, untilTrue } from './real-ground.ts';
import { whereIs } from './where-is.ts';

const ADDRESS = '192.0.2.130';

test('a speaker that is stopped for longer than its death takes, and goes on, answers nothing any more', {
  timeout: 300_000,
}, async () => {
  await using ground = await ClusterGround.start();
  const client = ground.lan.addHost('client', ['192.0.2.2/24']);
  const nodes = [await ground.addNode('n1', 11), await ground.addNode('n2', 12)];
  await ground.addService('web', [ADDRESS]);
  const speakers = nodes.map((namespace, at) => ground.startSpeaker(`n${at + 1}`, namespace));
  await untilTrue('both speakers ready', async () => {
    for (const speaker of speakers) if (!(await speaker.isReady())) return false;
    return true;
  });
  const macs = nodes.map(macOf);
  let at = -1;
  await untilTrue('announced', async () => {
    at = macs.indexOf(whereIs(client, ADDRESS) ?? '');
    return at >= 0;
  });
  const [stopped, heir] = [macs[at], macs[1 - at]];
  const speaker = speakers[at];
  assert.ok(speaker !== undefined);

  const station = new RealStation(client);
  const question = arpQuestion(station.mac, '192.0.2.2', ADDRESS);
  const asking = setInterval(() => station.send(question), 5);
  try {
    await until('an answer of the owner', () => station.heard.some((frame) => placeOf(frame, ADDRESS) === stopped));
    speaker.signal('SIGSTOP');
    await until('an answer of the heir', () => station.heard.some((frame) => placeOf(frame, ADDRESS) === heir));
    // Questions pile up before the one that is stopped.
    await sleep(1_000);
    const before = station.heard.length;
    speaker.signal('SIGCONT');
    await until('the stop noticed', () => speaker.log().includes('the Layer 2 worker stood still'));
    await until('many more answers of the heir', () => station.heard.length > before + 200);
    const late = station.heard.slice(before).filter((frame) => placeOf(frame, ADDRESS) === stopped);
    assert.equal(late.length, 0, `${late.length} frames of the one that was stopped`);
  } finally {
    clearInterval(asking);
    station.close();
  }
});
