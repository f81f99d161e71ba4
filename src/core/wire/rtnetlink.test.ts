import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeNetlink, encodeDump } from './rtnetlink.ts';

/** RTM_NEWLINK of a veth, as `ip link` reads it, field by field. */
const NEW_LINK = [
  [68, 0, 0, 0, 16, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0], // nlmsghdr: length 68, type 16
  [0, 0, 1, 0, 7, 0, 0, 0, 0x43, 0x10, 1, 0, 0, 0, 0, 0], // ifinfomsg: Ethernet, index 7, UP|BROADCAST|MULTICAST|RUNNING|LOWER_UP
  [9, 0, 3, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0], // IFLA_IFNAME "eth0"
  [10, 0, 1, 0, 2, 0, 0, 0, 0, 9, 0, 0], // IFLA_ADDRESS
  [12, 0, 18, 0x80, 8, 0, 1, 0, 0x76, 0x65, 0x74, 0x68], // IFLA_LINKINFO, nested: IFLA_INFO_KIND "veth"
].flat();

/** RTM_NEWADDR of 192.0.2.1/24 on interface 7. */
const NEW_ADDRESS = [
  [32, 0, 0, 0, 20, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0],
  [2, 24, 0, 0, 7, 0, 0, 0], // ifaddrmsg: AF_INET, /24, index 7
  [8, 0, 2, 0, 192, 0, 2, 1], // IFA_LOCAL
].flat();

const DONE = [20, 0, 0, 0, 3, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const REFUSED = [20, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];

test('rtnetlink: several messages of one datagram are read in order', () => {
  assert.deepEqual(decodeNetlink(new Uint8Array([...NEW_LINK, ...NEW_ADDRESS, ...DONE])), [
    {
      kind: 'link',
      index: 7,
      name: 'eth0',
      mac: { value: 0x020000000009 },
      hardwareType: 1,
      flags: 0x11043,
      master: undefined,
      linkKind: 'veth',
    },
    { kind: 'address', index: 7, address: { family: 'IPv4', value: 0xc0000201n }, prefixLength: 24 },
    { kind: 'done' },
  ]);
});

test('rtnetlink: a refusal carries the errno', () => {
  assert.deepEqual(decodeNetlink(new Uint8Array(REFUSED)), [{ kind: 'error', errno: 1 }]);
});

test('rtnetlink: an interface that went is no link', () => {
  assert.deepEqual(decodeNetlink(new Uint8Array([...NEW_LINK].with(4, 17))), [{ kind: 'other', type: 17 }]);
});

test('rtnetlink: any bytes are read without a throw', () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }))), (which, damage) => {
      const bytes = new Uint8Array([NEW_LINK, NEW_ADDRESS, DONE, REFUSED][which] ?? []);
      for (const [at, byte] of damage) bytes[at % bytes.length] = byte;
      decodeNetlink(bytes);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeNetlink(bytes)));
});

test('rtnetlink: a dump is asked for by a message of its own length', () => {
  const request = encodeDump('addresses', 7);
  assert.deepEqual([...request.subarray(0, 12)], [32, 0, 0, 0, 22, 0, 1, 3, 7, 0, 0, 0]);
});
