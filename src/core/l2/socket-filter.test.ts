import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipv4, ipv6, mac } from '../../../test/wire/arbitraries.ts';
import type { Address } from '../net/address.ts';
import { broadcastMac } from '../net/mac.ts';
import { encodeArp } from '../wire/arp.ts';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6, encodeEthernet } from '../wire/ethernet.ts';
import { ALL_NODES } from '../wire/multicast.ts';
import { encodeNdp } from '../wire/ndp.ts';
import { arpFilter, type Instruction, LONGEST_PROGRAM, ndpFilter } from './socket-filter.ts';

const BROADCAST = 1;
const OTHERHOST = 3;

/** Runs a program as linux/net/core/filter.c would, and says whether the frame comes through. */
function passes(program: readonly Instruction[], frame: Uint8Array, packetType = BROADCAST): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at] ?? assert.fail('a jump past the end');
    const jump = (holds: boolean) => {
      at += holds ? jt : jf;
    };
    switch (code) {
      case 0x20:
        if (k === 0xfffff004) accumulator = packetType;
        // A load past the end drops the frame.
        else if (k + 4 > frame.length) return false;
        else accumulator = view.getUint32(k);
        break;
      case 0x30:
        if (k >= frame.length) return false;
        accumulator = view.getUint8(k);
        break;
      case 0x15:
        jump(accumulator === k);
        break;
      case 0x25:
        jump(accumulator > k);
        break;
      case 0x35:
        jump(accumulator >= k);
        break;
      case 0x06:
        return k !== 0;
      default:
        assert.fail(`no such instruction: ${code}`);
    }
  }
  assert.fail('a program that ends without a verdict');
}

function arp(senderAddress: Address, targetAddress: Address): Uint8Array {
  const payload = encodeArp({
    operation: 'request',
    senderMac: { value: 2 },
    senderAddress,
    targetMac: { value: 0 },
    targetAddress,
  });
  return encodeEthernet({ destination: broadcastMac, source: { value: 2 }, etherType: ETHER_TYPE_ARP, payload });
}

function solicitation(target: Address): Uint8Array {
  const message = { kind: 'neighbor-solicitation' as const, target, options: [] };
  const payload = encodeNdp({ source: { family: 'IPv6', value: 1n }, destination: ALL_NODES, message });
  return encodeEthernet({ destination: broadcastMac, source: { value: 2 }, etherType: ETHER_TYPE_IPV6, payload });
}

const manyV4 = fc.array(ipv4, { maxLength: 20 });
const manyV6 = fc.array(ipv6, { maxLength: 20 });

test('ARP comes through exactly where target or sender is one of the addresses', () => {
  fc.assert(
    fc.property(manyV4, ipv4, ipv4, fc.nat(), (addresses, sender, target, pick) => {
      const program = arpFilter(addresses);
      const known = addresses[pick % Math.max(1, addresses.length)];
      if (known !== undefined) {
        assert.ok(passes(program, arp(sender, known)));
        assert.ok(passes(program, arp(known, target)));
      }
      const isOurs = addresses.some((each) => each.value === sender.value || each.value === target.value);
      assert.equal(passes(program, arp(sender, target)), isOurs);
    }),
  );
});

test('runs of neighbouring addresses let their ends and middle through, and nothing beside them', () => {
  const first = 0xc0000280n;
  const run = Array.from({ length: 50 }, (_, at): Address => ({ family: 'IPv4', value: first + BigInt(at) }));
  const program = arpFilter(run);
  const stranger: Address = { family: 'IPv4', value: 1n };
  const at = (value: bigint) => passes(program, arp(stranger, { family: 'IPv4', value }));
  assert.deepEqual(
    [at(first - 1n), at(first), at(first + 25n), at(first + 49n), at(first + 50n)],
    [false, true, true, true, false],
  );
});

test('solicitations come through where the target is one of the addresses', () => {
  fc.assert(
    fc.property(manyV6, ipv6, (addresses, other) => {
      const program = ndpFilter(addresses);
      for (const address of addresses) assert.ok(passes(program, solicitation(address)));
      const ends = addresses.map((each) => each.value & 0xffffffffn);
      assert.equal(passes(program, solicitation(other)), ends.includes(other.value & 0xffffffffn));
    }),
  );
});

test('frames for another host are dropped, whatever they say', () => {
  const address: Address = { family: 'IPv4', value: 0xc0000201n };
  assert.equal(passes(arpFilter([address]), arp(address, address), OTHERHOST), false);
  const target: Address = { family: 'IPv6', value: 5n };
  assert.equal(passes(ndpFilter([target]), solicitation(target), OTHERHOST), false);
});

test('other IPv6 traffic, and frames cut short, are dropped', () => {
  const target: Address = { family: 'IPv6', value: 5n };
  const frame = solicitation(target);
  const program = ndpFilter([target]);
  assert.equal(passes(program, frame.with(14 + 6, 6)), false, 'TCP');
  assert.equal(passes(program, frame.with(14 + 40, 128)), false, 'echo request');
  for (let length = 0; length < 78; length++) assert.equal(passes(program, frame.subarray(0, length)), false);
});

test('more scattered addresses than a program can hold: every ARP frame comes through', () => {
  const scattered = Array.from({ length: 1500 }, (_, at): Address => ({ family: 'IPv4', value: BigInt(at) * 2n }));
  const program = arpFilter(scattered);
  assert.ok(program.length <= LONGEST_PROGRAM);
  assert.ok(passes(program, arp({ family: 'IPv4', value: 1n }, { family: 'IPv4', value: 3n })));
  const fewer = arpFilter(scattered.slice(0, 1000));
  assert.ok(!passes(fewer, arp({ family: 'IPv4', value: 1n }, { family: 'IPv4', value: 3n })), '1,000 still fit');
});

test('any hardware address is asked and answered alike', () => {
  fc.assert(
    fc.property(mac, ipv4, (source, address) => {
      const payload = encodeArp({
        operation: 'reply',
        senderMac: source,
        senderAddress: address,
        targetMac: source,
        targetAddress: address,
      });
      const frame = encodeEthernet({ destination: source, source, etherType: ETHER_TYPE_ARP, payload });
      assert.ok(passes(arpFilter([address]), frame, 0));
    }),
  );
});
