/** What a client on the LAN sees of a node that announces: the same bodies, simulated and real. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcementFrames, probeFrame } from '../../src/core/l2/frames.ts';
import { readSighting } from '../../src/core/l2/sighting.ts';
import { type Address, formatAddress, parseAddress } from '../../src/core/net/address.ts';
import { broadcastMac, type Mac, sameMac } from '../../src/core/net/mac.ts';
import { decodeArp, encodeArp } from '../../src/core/wire/arp.ts';
import { decodeEthernet, ETHER_TYPE_ARP, ETHER_TYPE_IPV6, encodeEthernet } from '../../src/core/wire/ethernet.ts';
import { ALL_NODES, multicastMac, solicitedNodeGroup } from '../../src/core/wire/multicast.ts';
import { decodeNdp, encodeNdp, type NdpPacket } from '../../src/core/wire/ndp.ts';
import { type Ground, planned } from './ground.ts';
import { realGround } from './real-ground.ts';
import { simulatedGround } from './simulated-ground.ts';

const V4 = '192.0.2.10';
const V6 = '2001:db8::10';
const CLIENT_V4 = at('192.0.2.2');
const CLIENT_V6 = at('2001:db8::2');

function at(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

function arpRequest(ground: Ground, target: string): Uint8Array {
  return encodeEthernet({
    destination: broadcastMac,
    source: ground.station.mac,
    etherType: ETHER_TYPE_ARP,
    payload: encodeArp({
      operation: 'request',
      senderMac: ground.station.mac,
      senderAddress: CLIENT_V4,
      targetMac: { value: 0 },
      targetAddress: at(target),
    }),
  });
}

function solicitation(ground: Ground, target: string): Uint8Array {
  const destination = solicitedNodeGroup(at(target));
  return encodeEthernet({
    destination: multicastMac(destination),
    source: ground.station.mac,
    etherType: ETHER_TYPE_IPV6,
    payload: encodeNdp({
      source: CLIENT_V6,
      destination,
      message: {
        kind: 'neighbor-solicitation',
        target: at(target),
        options: [{ kind: 'source-link-layer', mac: ground.station.mac }],
      },
    }),
  });
}

/** Whether a frame says that an address is at a hardware address, to one station or to all. */
function says(frame: Uint8Array, address: string, mac: Mac): boolean {
  const sighting = readSighting(frame);
  const claim = sighting.ok ? sighting.value.claim : undefined;
  return claim !== undefined && formatAddress(claim.address) === address && sameMac(claim.mac, mac);
}

function destinationOf(frame: Uint8Array): Mac | undefined {
  const decoded = decodeEthernet(frame);
  return decoded.ok ? decoded.value.destination : undefined;
}

function ndpOf(frame: Uint8Array): NdpPacket | undefined {
  const outer = decodeEthernet(frame);
  const inner = outer.ok ? decodeNdp(outer.value.payload) : undefined;
  return inner?.ok ? inner.value : undefined;
}

function answersTo(ground: Ground, address: string): (frame: Uint8Array) => boolean {
  return (frame) => says(frame, address, ground.nodeMac) && destinationOf(frame)?.value === ground.station.mac.value;
}

const BODIES: readonly (readonly [string, (ground: Ground) => Promise<void>])[] = [
  [
    'an ARP request is answered with the interface’s hardware address',
    async (ground) => {
      await ground.plan({ set: [planned(V4)] });
      ground.station.send(arpRequest(ground, V4));
      const frame = await ground.station.hear('an ARP reply', answersTo(ground, V4));
      const outer = decodeEthernet(frame);
      assert.ok(outer.ok);
      const packet = decodeArp(outer.value.payload);
      assert.ok(packet.ok);
      assert.deepEqual(packet.value, {
        operation: 'reply',
        senderMac: ground.nodeMac,
        senderAddress: at(V4),
        targetMac: ground.station.mac,
        targetAddress: CLIENT_V4,
      });
    },
  ],
  [
    'a solicitation is answered with Solicited and Override',
    async (ground) => {
      await ground.plan({ set: [planned(V6)] });
      ground.station.send(solicitation(ground, V6));
      const packet = ndpOf(await ground.station.hear('an advertisement', answersTo(ground, V6)));
      assert.deepEqual(packet, {
        source: at(V6),
        destination: CLIENT_V6,
        message: {
          kind: 'neighbor-advertisement',
          router: false,
          solicited: true,
          override: true,
          target: at(V6),
          options: [{ kind: 'target-link-layer', mac: ground.nodeMac }],
        },
      });
    },
  ],
  [
    'a host that wants the address for itself (duplicate address detection) is told to everybody',
    async (ground) => {
      await ground.plan({ set: [planned(V6)] });
      const announced = () => ground.station.heard.filter((frame) => says(frame, V6, ground.nodeMac)).length;
      await ground.station.hear('the four announcements of a new owner', () => announced() === 4);
      ground.station.send(probeFrame(at(V6), ground.station.mac));
      const frame = await ground.station.hear(
        'one advertisement more',
        (each) => says(each, V6, ground.nodeMac) && announced() > 4,
      );
      const packet = ndpOf(frame);
      assert.deepEqual(packet?.destination, ALL_NODES);
      assert.ok(packet?.message.kind === 'neighbor-advertisement' && !packet.message.solicited);
    },
  ],
  [
    'an ARP probe of somebody who wants the address for itself is answered',
    async (ground) => {
      await ground.plan({ set: [planned(V4)] });
      ground.station.send(probeFrame(at(V4), ground.station.mac));
      await ground.station.hear('an ARP reply', answersTo(ground, V4));
    },
  ],
  [
    'a new owner tells everybody four times, by gratuitous request and reply, and by unsolicited advertisement',
    async (ground) => {
      await ground.plan({ set: [planned(V4), planned(V6)] });
      const operations = (operation: string) =>
        ground.station.heard.filter((frame) => {
          const outer = decodeEthernet(frame);
          const packet =
            outer.ok && outer.value.etherType === ETHER_TYPE_ARP ? decodeArp(outer.value.payload) : undefined;
          return packet?.ok && packet.value.operation === operation && says(frame, V4, ground.nodeMac);
        }).length;
      const unsolicited = () =>
        ground.station.heard.filter((frame) => {
          const message = ndpOf(frame)?.message;
          return message?.kind === 'neighbor-advertisement' && !message.solicited && message.override;
        }).length;
      await ground.station.hear(
        'four of each',
        () => operations('request') >= 4 && operations('reply') >= 4 && unsolicited() >= 4,
      );
    },
  ],
  [
    'questions for other addresses are left to others',
    async (ground) => {
      await ground.plan({ set: [planned(V4), planned(V6)] });
      ground.station.send(arpRequest(ground, '192.0.2.11'));
      ground.station.send(solicitation(ground, '2001:db8:0:0:1::10'));
      ground.station.send(arpRequest(ground, V4));
      ground.station.send(solicitation(ground, V6));
      await ground.station.hear('the ARP reply', answersTo(ground, V4));
      await ground.station.hear('the advertisement', answersTo(ground, V6));
      assert.ok(!ground.station.heard.some((frame) => says(frame, '192.0.2.11', ground.nodeMac)));
      assert.ok(!ground.station.heard.some((frame) => says(frame, '2001:db8::1:0:0:10', ground.nodeMac)));
    },
  ],
  [
    'an address that left the plan is answered no more, the others are',
    async (ground) => {
      await ground.plan({ set: [planned(V4), planned('192.0.2.11')] });
      await ground.plan({ remove: [V4] });
      const count = (address: string) => ground.station.heard.filter(answersTo(ground, address)).length;
      ground.station.send(arpRequest(ground, V4));
      ground.station.send(arpRequest(ground, '192.0.2.11'));
      await ground.station.hear('the reply for the other one', answersTo(ground, '192.0.2.11'));
      assert.equal(count(V4), 0);
    },
  ],
  [
    'an address of which this node is no candidate is not answered',
    async (ground) => {
      const elsewhere = [{ node: 'node-b', tier: 0 as const, weight: 0, interfaces: [] }];
      await ground.plan({ set: [planned(V4, { candidates: elsewhere }), planned('192.0.2.11')] });
      ground.station.send(arpRequest(ground, V4));
      ground.station.send(arpRequest(ground, '192.0.2.11'));
      await ground.station.hear('the reply for the other one', answersTo(ground, '192.0.2.11'));
      assert.ok(!ground.station.heard.some((frame) => says(frame, V4, ground.nodeMac)));
    },
  ],
  [
    'a stranger that claims the address is reported with its hardware address, and contradicted',
    async (ground) => {
      await ground.plan({ set: [planned(V4)] });
      const stranger = { value: 0x02_00_00_00_00_ee };
      const own = () => ground.station.heard.filter((frame) => says(frame, V4, ground.nodeMac)).length;
      await ground.station.hear('the four announcements of a new owner', () => own() === 8);
      for (const frame of announcementFrames(at(V4), stranger)) ground.station.send(frame);
      const report = await ground.report('a conflict', (each) => each.kind === 'conflict');
      assert.deepEqual(report, { kind: 'conflict', address: V4, mac: stranger, interface: 'eth0' });
      await ground.station.hear('an announcement in defence', () => own() > 8);
    },
  ],
  [
    'a stranger is given way where the pool says so',
    async (ground) => {
      await ground.plan({ set: [planned(V4, { onConflict: 'Yield' }), planned('192.0.2.11')] });
      const [claim] = announcementFrames(at(V4), { value: 0x02_00_00_00_00_ee });
      assert.ok(claim);
      ground.station.send(claim);
      await ground.report('yielding', (each) => each.kind === 'silent' && each.reason === 'Yielded');
      ground.station.send(arpRequest(ground, V4));
      ground.station.send(arpRequest(ground, '192.0.2.11'));
      await ground.station.hear('the reply for the other one', answersTo(ground, '192.0.2.11'));
      assert.ok(!ground.station.heard.some(answersTo(ground, V4)));
    },
  ],
  [
    'garbage on the wire changes nothing',
    async (ground) => {
      await ground.plan({ set: [planned(V4)] });
      const request = arpRequest(ground, V4);
      for (let cut = 14; cut < request.length; cut++) ground.station.send(request.subarray(0, cut));
      for (let place = 12; place < request.length; place++) ground.station.send(request.with(place, 0xff));
      ground.station.send(request);
      await ground.station.hear('the ARP reply', answersTo(ground, V4));
    },
  ],
];

for (const [ground, make] of [
  ['simulated', simulatedGround],
  ['real', realGround],
] as const) {
  for (const [name, body] of BODIES) {
    test(`${ground}: ${name}`, { timeout: 120_000 }, async () => {
      await using made = await make();
      await body(made);
    });
  }
}
