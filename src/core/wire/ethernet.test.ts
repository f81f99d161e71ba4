import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyMac } from '../../../test/wire/arbitraries.ts';
import { holdCodec } from '../../../test/wire/codec-harness.ts';
import { decodeEthernet, encodeEthernet } from './ethernet.ts';

holdCodec({
  name: 'ethernet frame',
  encode: encodeEthernet,
  decode: decodeEthernet,
  arbitrary: fc.record(
    {
      destination: anyMac,
      source: anyMac,
      etherType: fc.constantFrom(0x0800, 0x0806, 0x86dd, 0xffff, 0x0600),
      payload: fc.uint8Array({ maxLength: 64 }),
    },
    { noNullPrototype: true },
  ),
});

const MACS = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, 1];

const FAULTS: readonly (readonly [string, readonly number[], string])[] = [
  ['an empty frame is truncated', [], 'truncated'],
  ['a header cut before its type is truncated', MACS, 'truncated'],
  ['an 802.1Q tag is named', [...MACS, 0x81, 0x00, 0x00, 0x05, 0x08, 0x06], 'vlan-tagged'],
  ['an 802.1ad tag is named', [...MACS, 0x88, 0xa8, 0x00, 0x05, 0x08, 0x06], 'vlan-tagged'],
  ['an 802.3 length is no type', [...MACS, 0x00, 0x26, 0x42, 0x42], 'foreign-ether-type'],
];

for (const [name, bytes, fault] of FAULTS) {
  test(`ethernet: ${name}`, () => {
    assert.deepEqual(decodeEthernet(new Uint8Array(bytes)), { ok: false, error: fault });
  });
}
