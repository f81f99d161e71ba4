import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipv6, mac } from '../../../test/wire/arbitraries.ts';
import { holdCodec } from '../../../test/wire/codec-harness.ts';
import type { Address } from '../net/address.ts';
import type { WireFault } from './decoded.ts';
import { icmpv6Checksum } from './icmpv6-checksum.ts';
import { ALL_NODES, solicitedNodeGroup, UNSPECIFIED_IPV6 } from './multicast.ts';
import { decodeNdp, encodeNdp, type NdpPacket } from './ndp.ts';
import type { NdpOption } from './ndp-option.ts';

/** 6 + 8n bytes: the lengths that need no padding, so that they come back as they were. */
const body = fc.nat({ max: 3 }).chain((units) => fc.uint8Array({ minLength: 6 + 8 * units, maxLength: 6 + 8 * units }));

const option: fc.Arbitrary<NdpOption> = fc.oneof(
  fc.record({ kind: fc.constant('source-link-layer' as const), mac }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant('target-link-layer' as const), mac }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constant('other' as const), type: fc.integer({ min: 3, max: 255 }), body },
    { noNullPrototype: true },
  ),
);

holdCodec<NdpPacket>({
  name: 'NDP packet',
  encode: encodeNdp,
  decode: decodeNdp,
  arbitrary: fc.record(
    {
      source: ipv6,
      destination: ipv6,
      message: fc.oneof(
        fc.record(
          {
            kind: fc.constant('neighbor-solicitation' as const),
            target: ipv6,
            options: fc.array(option, { maxLength: 3 }),
          },
          { noNullPrototype: true },
        ),
        fc.record(
          {
            kind: fc.constant('neighbor-advertisement' as const),
            router: fc.boolean(),
            solicited: fc.boolean(),
            override: fc.boolean(),
            target: ipv6,
            options: fc.array(option, { maxLength: 3 }),
          },
          { noNullPrototype: true },
        ),
      ),
    },
    { noNullPrototype: true },
  ),
});

const TARGET: Address = { family: 'IPv6', value: 0x20010db8000000000000000000001234n };
const HOST: Address = { family: 'IPv6', value: 0xfe800000000000000000000000000001n };
const LINK_LAYER: NdpOption = { kind: 'source-link-layer', mac: { value: 0x020000000001 } };

function solicitation(source: Address, destination: Address, options: readonly NdpOption[]): Uint8Array {
  return encodeNdp({ source, destination, message: { kind: 'neighbor-solicitation', target: TARGET, options } });
}

test('NDP: a solicitation has the bytes that RFC 4861 draws', () => {
  const bytes = solicitation(HOST, solicitedNodeGroup(TARGET), [LINK_LAYER]);
  const expected = [
    [0x60, 0, 0, 0, 0, 32, 58, 255], // version 6, payload length, next header ICMPv6, hop limit
    [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], // source
    [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0x12, 0x34], // destination: solicited-node group
    [135, 0, 0x26, 0xfb], // type, code, checksum
    [0, 0, 0, 0], // reserved
    [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34], // target
    [1, 1, 0x02, 0, 0, 0, 0, 1], // source link-layer address
  ];
  assert.deepEqual([...bytes], expected.flat());
});

test('NDP: a solicitation of duplicate address detection is read', () => {
  const bytes = solicitation(UNSPECIFIED_IPV6, solicitedNodeGroup(TARGET), []);
  const decoded = decodeNdp(bytes);
  assert.ok(decoded.ok);
  assert.equal(decoded.value.source.value, 0n);
});

test('NDP: reserved bits and bytes behind the packet are not looked at', () => {
  const bytes = resealed(solicitation(HOST, TARGET, []), 44, 0xff);
  assert.deepEqual(decodeNdp(new Uint8Array([...bytes, 1, 2, 3])), decodeNdp(solicitation(HOST, TARGET, [])));
});

/** The packet with one byte replaced and the checksum made right again. */
function resealed(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const packet = bytes.slice();
  packet[at] = byte;
  packet[42] = 0;
  packet[43] = 0;
  const sum = icmpv6Checksum(packet.subarray(8, 24), packet.subarray(24, 40), packet.subarray(40));
  packet[42] = sum >> 8;
  packet[43] = sum & 0xff;
  return packet;
}

const GOOD = solicitation(HOST, TARGET, [LINK_LAYER]);
const GROUP_TARGET = resealed(solicitation(HOST, TARGET, []), 48, 0xff);

const FAULTS: readonly (readonly [string, Uint8Array, WireFault])[] = [
  ['a header cut short', GOOD.subarray(0, 39), 'truncated'],
  ['a payload shorter than the header says', GOOD.subarray(0, GOOD.length - 1), 'truncated'],
  ['an IPv4 packet', new Uint8Array([0x45, ...GOOD.subarray(1)]), 'foreign-ip-version'],
  ['a TCP segment', GOOD.with(6, 6), 'foreign-next-header'],
  ['an extension header before ICMPv6', GOOD.with(6, 0), 'foreign-next-header'],
  ['a packet that a router forwarded', GOOD.with(7, 254), 'forwarded-hop-limit'],
  ['an echo request', resealed(GOOD, 40, 128), 'unknown-message'],
  ['a code other than 0', resealed(GOOD, 41, 1), 'unknown-code'],
  ['a damaged byte', GOOD.with(60, 0x77), 'bad-checksum'],
  ['a source that is a group', resealed(GOOD, 8, 0xff), 'group-source'],
  ['a target that is a group', GROUP_TARGET, 'group-target'],
  ['an option of length 0', resealed(GOOD, 65, 0), 'bad-option-length'],
  ['an option longer than the packet', resealed(GOOD, 65, 2), 'bad-option-length'],
  [
    'detection of duplicates with a link-layer address',
    solicitation(UNSPECIFIED_IPV6, solicitedNodeGroup(TARGET), [LINK_LAYER]),
    'option-from-unspecified',
  ],
  ['detection of duplicates to one host', solicitation(UNSPECIFIED_IPV6, TARGET, []), 'unspecified-to-foreign-group'],
  [
    'a solicited advertisement to everybody',
    encodeNdp({
      source: TARGET,
      destination: ALL_NODES,
      message: {
        kind: 'neighbor-advertisement',
        router: false,
        solicited: true,
        override: true,
        target: TARGET,
        options: [],
      },
    }),
    'solicited-to-group',
  ],
];

for (const [name, bytes, fault] of FAULTS) {
  test(`NDP refuses: ${name}`, () => {
    assert.deepEqual(decodeNdp(bytes), { ok: false, error: fault });
  });
}
