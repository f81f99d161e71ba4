import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { broadcastMac, formatMac, isGroupMac, macFromBytes, macToBytes, parseMac, sameMac } from './mac.ts';

test('hardware addresses are read strictly and written in one form', async (t) => {
  const rows: readonly [name: string, text: string, canonical: string | undefined][] = [
    ['colons', '02:00:5e:10:00:01', '02:00:5e:10:00:01'],
    ['dashes and upper case', '02-00-5E-10-00-0A', '02:00:5e:10:00:0a'],
    ['all bits set', 'ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff'],
    ['all bits zero', '00:00:00:00:00:00', '00:00:00:00:00:00'],
    ['mixed separators', '02:00-5e:10:00:01', undefined],
    ['one digit in a pair', '2:00:5e:10:00:01', undefined],
    ['eight pairs', '02:00:5e:10:00:01:02:03', undefined],
    ['five pairs', '02:00:5e:10:00', undefined],
    ['no separators', '02005e100001', undefined],
    ['a letter that is no digit', '02:00:5g:10:00:01', undefined],
    ['a line end', '02:00:5e:10:00:01\n', undefined],
    ['nothing', '', undefined],
  ];
  for (const [name, text, canonical] of rows) {
    await t.test(name, () => {
      const read = parseMac(text);
      assert.equal(read.ok ? formatMac(read.value) : undefined, canonical);
    });
  }
});

test('bytes and hardware address are two forms of one value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
      assert.deepEqual(macToBytes(macFromBytes(bytes)), bytes);
      const read = parseMac(formatMac(macFromBytes(bytes)));
      return read.ok && sameMac(read.value, macFromBytes(bytes));
    }),
  );
  assert.throws(() => macFromBytes(new Uint8Array(8)), /Defect: a MAC address has 6 bytes, not 8/);
});

test('the group bit tells multicast and broadcast from one station', () => {
  assert.equal(isGroupMac(broadcastMac), true);
  assert.equal(isGroupMac(macFromBytes(Uint8Array.of(0x33, 0x33, 0, 0, 0, 1))), true);
  assert.equal(isGroupMac(macFromBytes(Uint8Array.of(0x02, 0, 0, 0, 0, 1))), false);
});
