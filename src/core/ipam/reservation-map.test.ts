import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reservation } from '../../../test/support/ledger.ts';
import { ReservationMap } from './reservation-map.ts';
import { sameStanding, standingOf } from './standing.ts';

test('a reservation inside another makes three pieces, and one again after it', () => {
  const map = new ReservationMap();
  const wide = reservation('wide', 'team-a', ['10.0.0.0/24']);
  const narrow = reservation('narrow', 'team-a/web', ['10.0.0.8/32']);
  map.add(wide, { first: 0n, last: 255n });
  assert.deepEqual(map.add(narrow, { first: 8n, last: 8n }), [
    {
      first: 8n,
      last: 8n,
      before: { kind: 'reserved', owner: 'team-a' },
      after: { kind: 'reserved', owner: 'team-a/web' },
    },
  ]);
  assert.deepEqual(
    [...map.pieces()].map(({ first, last }) => [first, last]),
    [
      [0n, 7n],
      [8n, 8n],
      [9n, 255n],
    ],
  );
  assert.deepEqual(
    map.at(8n).map(({ name }) => name),
    ['narrow', 'wide'],
  );
  map.remove(narrow, { first: 8n, last: 8n });
  assert.deepEqual(
    [...map.pieces()].map(({ first, last }) => [first, last]),
    [[0n, 255n]],
  );
  map.remove(wide, { first: 0n, last: 255n });
  assert.deepEqual([...map.pieces()], []);
});

test('pieces say of each address what a list of all reservations says', () => {
  const limit = 30;
  const owners = ['team-a', 'team-a/web', 'team-b'];
  const step = fc.record({
    lay: fc.boolean(),
    which: fc.nat(5),
    first: fc.nat(limit),
    length: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const map = new ReservationMap();
      const all = Array.from({ length: 6 }, (_, index) =>
        reservation(`r${index}`, owners[index % owners.length] ?? '', [], index > 3 ? 1 : undefined),
      );
      const model = Array.from({ length: limit + 12 }, () => new Set<(typeof all)[number]>());
      const listed = (value: number) => [...(model[value] ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { lay, which, first, length } of steps) {
        const chosen = all[which];
        assert.ok(chosen);
        const standings = model.map((_, value) => standingOf(listed(value)));
        const covered = { first: BigInt(first), last: BigInt(first + length - 1) };
        const changes = lay ? map.add(chosen, covered) : map.remove(chosen, covered);
        for (let value = first; value < first + length; value++) {
          if (lay) model[value]?.add(chosen);
          else model[value]?.delete(chosen);
        }
        model.forEach((_, value) => {
          assert.deepEqual(map.at(BigInt(value)), listed(value));
          const [before, after] = [standings[value], standingOf(listed(value))];
          assert.ok(before);
          assert.deepEqual(map.standing(BigInt(value)), after);
          const change = changes.find((one) => one.first <= BigInt(value) && BigInt(value) <= one.last);
          if (sameStanding(before, after)) assert.equal(change, undefined);
          else assert.deepEqual([change?.before, change?.after], [before, after]);
        });
      }
    }),
    { numRuns: 100 },
  );
});
