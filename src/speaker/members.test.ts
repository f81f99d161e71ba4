import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../core/api/kubernetes.ts';
import { membersOf, sameMembers } from './members.ts';
import { readKeys } from './membership-key.ts';

function node(name: string, addresses: readonly (readonly [type: string, address: string])[]): Node {
  return { metadata: { name }, status: { addresses: addresses.map(([type, address]) => ({ type, address })) } };
}

test('a node is reached at its first internal address that is one', () => {
  const members = membersOf([
    node('n2', [
      ['Hostname', 'n2'],
      ['ExternalIP', '198.51.100.2'],
      ['InternalIP', 'not-an-address'],
      ['InternalIP', '2001:db8::2'],
    ]),
    node('n1', [['InternalIP', '192.0.2.1']]),
    node('n3', []),
  ]);
  assert.deepEqual(members, [
    { node: 'n1', address: { family: 'IPv4', value: 0xc0000201n } },
    { node: 'n2', address: { family: 'IPv6', value: 0x20010db8000000000000000000000002n } },
  ]);
});

test('a list of members is the same as an equal one, and another where an address changed', () => {
  const at = (address: string) => membersOf([node('n1', [['InternalIP', address]])]);
  assert.ok(sameMembers(at('192.0.2.1'), at('192.0.2.1')));
  assert.ok(!sameMembers(at('192.0.2.1'), at('192.0.2.2')));
  assert.ok(!sameMembers(at('192.0.2.1'), []));
});

test('the entry "key" seals, the others only open, and what is too short is no key', () => {
  const base64 = (byte: number, length: number) => Buffer.alloc(length, byte).toString('base64');
  const keys = readKeys({ next: base64(2, 32), key: base64(1, 32), weak: base64(3, 8) });
  assert.deepEqual(
    keys.map((each) => each[0]),
    [1, 2],
  );
  assert.deepEqual(readKeys({}), []);
});
