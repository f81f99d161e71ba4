/** What becomes of announcements when the node's interfaces change under them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { arpQuestion, placeOf } from './frames.ts';
import { planned } from './ground.ts';
import { addAddresses, ip, macOf, macOfDevice } from './namespaces.ts';
import { NODE_CABLE, type RealGround, realGround, until } from './real-ground.ts';

const LIMIT = { timeout: 120_000 };
const ADDRESS = '192.0.2.10';
const OTHER = '192.0.2.11';
const CLIENT = '192.0.2.2';

/** Waits until the address is announced, and questions answered, with this hardware address. */
async function foundAt(ground: RealGround, mac: string): Promise<void> {
  const { station } = ground;
  const heard = station.heard.length;
  const question = arpQuestion(station.mac, CLIENT, ADDRESS);
  await until(`an answer from ${mac}`, () => {
    station.send(question);
    return station.heard.slice(heard).some((frame) => placeOf(frame, ADDRESS) === mac);
  });
}

test(
  'an interface that goes down, disappears, and comes back as another one is announced on again',
  LIMIT,
  async () => {
    await using ground = await realGround();
    await ground.plan({ set: [planned(ADDRESS)] });
    await foundAt(ground, macOf(ground.node));

    ground.lan.setCable(NODE_CABLE, 'down');
    await ground.report('the cable gone', (each) => each.kind === 'silent' && each.reason === 'LinkDown');
    ground.lan.setCable(NODE_CABLE, 'up');
    await foundAt(ground, macOf(ground.node));

    ground.lan.unplug(ground.node);
    await ground.report('the card gone', (each) => each.kind === 'silent' && each.reason === 'NoSuchInterface');
    ground.lan.plug(ground.node, NODE_CABLE, ['192.0.2.1/24']);
    await foundAt(ground, macOf(ground.node));
  },
);

test('a hardware address that changes while running is told to everybody, and the old one no more', LIMIT, async () => {
  await using ground = await realGround();
  await ground.plan({ set: [planned(ADDRESS)] });
  const before = macOf(ground.node);
  await foundAt(ground, before);
  const after = '02:00:00:00:aa:01';
  ip('-n', ground.node, 'link', 'set', 'eth0', 'address', after);
  // Unasked: nothing is sent by this station until it has heard.
  await ground.station.hear('the new one', (frame) => placeOf(frame, ADDRESS) === after);
  const heard = ground.station.heard.length;
  await foundAt(ground, after);
  assert.ok(!ground.station.heard.slice(heard).some((frame) => placeOf(frame, ADDRESS) === before));
});

test(
  'where the card becomes a port of a bridge, the bridge announces, and when it leaves, the card',
  LIMIT,
  async () => {
    await using ground = await realGround();
    await ground.plan({ set: [planned(ADDRESS)] });
    await foundAt(ground, macOf(ground.node));
    const { node } = ground;
    ip('-n', node, 'link', 'add', 'lan0', 'type', 'bridge');
    // Of its own, or it would take the card's over.
    ip('-n', node, 'link', 'set', 'lan0', 'address', '02:00:00:00:bb:01', 'up');
    ip('-n', node, 'address', 'flush', 'dev', 'eth0');
    addAddresses(node, 'lan0', ['192.0.2.1/24']);
    ip('-n', node, 'link', 'set', 'eth0', 'master', 'lan0');
    await foundAt(ground, macOfDevice(node, 'lan0'));

    ip('-n', node, 'link', 'delete', 'lan0');
    addAddresses(node, 'eth0', ['192.0.2.1/24']);
    await foundAt(ground, macOf(node));
  },
);

test(
  'a macvlan beside the card announces when the advertisement names it, with its own hardware address',
  LIMIT,
  async () => {
    await using ground = await realGround();
    ip('-n', ground.node, 'link', 'add', 'lan1', 'link', 'eth0', 'type', 'macvlan', 'mode', 'bridge');
    ip('-n', ground.node, 'link', 'set', 'lan1', 'up');
    const candidates = [{ node: 'node-a', tier: 0 as const, weight: 0, interfaces: ['lan1'] }];
    await ground.plan({ set: [planned(ADDRESS, { candidates })] });
    await foundAt(ground, macOfDevice(ground.node, 'lan1'));
    assert.ok(!ground.station.heard.some((frame) => placeOf(frame, ADDRESS) === macOf(ground.node)));
  },
);

test('a question in a VLAN without an interface here is nobody’s to answer', LIMIT, async () => {
  await using ground = await realGround();
  await ground.plan({ set: [planned(ADDRESS), planned(OTHER)] });
  const question = arpQuestion(ground.station.mac, CLIENT, ADDRESS);
  const announced = () => ground.station.heard.filter((frame) => placeOf(frame, ADDRESS) !== undefined).length;
  await ground.station.hear('all four announcements', () => announced() === 8);
  const tagged = new Uint8Array(question.length + 4);
  tagged.set(question.subarray(0, 12));
  tagged.set([0x81, 0x00, 0x00, 0x07], 12);
  tagged.set(question.subarray(12), 16);
  for (let count = 0; count < 10; count++) ground.station.send(tagged);
  ground.station.send(arpQuestion(ground.station.mac, CLIENT, OTHER));
  const isReply = (frame: Uint8Array) => frame[0] !== 0xff && placeOf(frame, OTHER) !== undefined;
  await ground.station.hear('the answer outside the VLAN', isReply);
  assert.equal(announced(), 8);
});

test('a flood of 100,000 questions is counted, and another address is answered all the while', LIMIT, async () => {
  await using ground = await realGround();
  await ground.plan({ set: [planned(ADDRESS), planned(OTHER)] });
  const flood = arpQuestion(ground.station.mac, CLIENT, ADDRESS);
  const question = arpQuestion(ground.station.mac, CLIENT, OTHER);
  const isReply = (frame: Uint8Array) => frame[0] !== 0xff && placeOf(frame, OTHER) !== undefined;
  for (let round = 1; round <= 10; round++) {
    for (let sent = 0; sent < 10_000; sent++) ground.station.send(flood);
    const before = ground.station.heard.filter(isReply).length;
    await until(`an answer after ${round} × 10,000 questions`, () => {
      ground.station.send(question);
      return ground.station.heard.filter(isReply).length > before;
    });
    await turn();
  }
  const counted = () =>
    ground.counts.reduce((sum, { addresses }) => sum + (new Map(addresses).get(ADDRESS)?.requests ?? 0), 0);
  const dropped = () => ground.counts.reduce((sum, { ignored }) => sum + (new Map(ignored).get('queue-full') ?? 0), 0);
  await until('the count', () => counted() + dropped() >= 50_000);
  assert.ok(counted() + dropped() <= 100_000 + 1_000, `${counted()} + ${dropped()}`);
  assert.ok(!ground.reports.some((each) => each.kind === 'silent' && each.reason !== 'Probing'));
});
