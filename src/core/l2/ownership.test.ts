import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OwnerRecord } from '../wire/speaker-message.ts';
import { Ownership } from './ownership.ts';

const ID = '192.0.2.10';
const record: fc.Arbitrary<OwnerRecord> = fc.record(
  {
    address: fc.constant({ family: 'IPv4' as const, value: 0xc000020an }),
    owner: fc.constantFrom('a', 'b', 'c'),
    epoch: fc.nat({ max: 4 }),
  },
  { noNullPrototype: true },
);

function merged(records: readonly OwnerRecord[]): OwnerRecord | undefined {
  const ownership = new Ownership();
  for (const each of records) ownership.merge(each);
  return ownership.get(ID);
}

test('ownership: in whatever order and how often records come, the same one prevails', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1 }), fc.nat(), (records, turn) => {
      const turned = [...records.slice(turn % records.length), ...records.slice(0, turn % records.length)];
      assert.deepEqual(merged([...turned, ...records].reverse()), merged(records));
    }),
  );
});

test('ownership: what is given away is later than everything known', () => {
  fc.assert(
    fc.property(fc.array(record), (records) => {
      const ownership = new Ownership();
      for (const each of records) ownership.merge(each);
      const before = ownership.get(ID);
      const given = ownership.give(ID, { address: { family: 'IPv4', value: 0xc000020an }, owner: 'z' });
      assert.equal(given.epoch, (before?.epoch ?? 0) + 1);
      assert.equal(before !== undefined && ownership.merge(before), false);
      assert.deepEqual(ownership.ownedBy('z'), [given]);
    }),
  );
});

test('ownership: what a peer tells of a time before the address was given up is no news; whoever takes it then is later', () => {
  const address = { family: 'IPv4', value: 0xc000020an } as const;
  const ownership = new Ownership();
  const last = { address, owner: 'a', epoch: 5 };
  ownership.merge(last);
  ownership.forget(ID);
  assert.equal(ownership.isOver(last), true);
  assert.equal(ownership.merge(last), false);
  assert.equal(ownership.get(ID), undefined);
  assert.equal(ownership.give(ID, { address, owner: 'b' }).epoch, 6);
  assert.equal(ownership.isOver(last), false);
  assert.equal(ownership.merge({ ...last, epoch: 7 }), true);
});
