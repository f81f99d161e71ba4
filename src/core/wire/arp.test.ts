import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyMac, ipv4, mac } from '../../../test/wire/arbitraries.ts';
import { holdCodec } from '../../../test/wire/codec-harness.ts';
import { type ArpPacket, decodeArp, encodeArp } from './arp.ts';
import type { WireFault } from './decoded.ts';

holdCodec<ArpPacket>({
  name: 'ARP packet',
  encode: encodeArp,
  decode: decodeArp,
  arbitrary: fc.record(
    {
      operation: fc.constantFrom('request', 'reply'),
      senderMac: mac,
      senderAddress: ipv4,
      targetMac: anyMac,
      targetAddress: ipv4,
    },
    { noNullPrototype: true },
  ),
});

/** A request of 192.0.2.1 for 192.0.2.10, field by field. */
const REQUEST: readonly (readonly number[])[] = [
  [0x00, 0x01], // hardware type: Ethernet
  [0x08, 0x00], // protocol type: IPv4
  [6, 4], // lengths
  [0x00, 0x01], // operation: request
  [0x02, 0, 0, 0, 0, 1], // sender MAC
  [192, 0, 2, 1], // sender address
  [0, 0, 0, 0, 0, 0], // target MAC
  [192, 0, 2, 10], // target address
];

/** The request's bytes with one field replaced. */
function withField(index: number, field: readonly number[]): Uint8Array {
  return new Uint8Array(REQUEST.flatMap((each, at) => (at === index ? field : each)));
}

test('ARP: a request is read field by field, and padding behind it is not looked at', () => {
  const bytes = new Uint8Array([...REQUEST.flat(), ...new Array<number>(18).fill(0xee)]);
  assert.deepEqual(decodeArp(bytes), {
    ok: true,
    value: {
      operation: 'request',
      senderMac: { value: 0x020000000001 },
      senderAddress: { family: 'IPv4', value: 0xc0000201n },
      targetMac: { value: 0 },
      targetAddress: { family: 'IPv4', value: 0xc000020an },
    },
  });
});

const FAULTS: readonly (readonly [string, Uint8Array, WireFault])[] = [
  ['27 bytes are truncated', withField(7, [192, 0, 2]), 'truncated'],
  ['a hardware type other than Ethernet', withField(0, [0, 6]), 'foreign-hardware-type'],
  ['a protocol type other than IPv4', withField(1, [0x86, 0xdd]), 'foreign-protocol-type'],
  ['a hardware length other than 6', withField(2, [8, 4]), 'length-mismatch'],
  ['a protocol length other than 4', withField(2, [6, 16]), 'length-mismatch'],
  ['operation 0', withField(3, [0, 0]), 'unknown-operation'],
  ['a reverse ARP request', withField(3, [0, 3]), 'unknown-operation'],
  ['a sender that is a group', withField(4, [0x01, 0, 0x5e, 0, 0, 1]), 'group-sender'],
  ['a sender that is everybody', withField(4, [255, 255, 255, 255, 255, 255]), 'group-sender'],
];

for (const [name, bytes, fault] of FAULTS) {
  test(`ARP refuses: ${name}`, () => {
    assert.deepEqual(decodeArp(bytes), { ok: false, error: fault });
  });
}
