import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, reservation } from '../../../test/support/ledger.ts';
import { Reservations } from './reservations.ts';

const where = address('10.0.0.8');
const names = (reservations: Reservations): string[] => reservations.at(where).map(({ name }) => name);

test('what the configuration repeats unchanged changes nothing', () => {
  const reservations = new Reservations();
  const list = () => [reservation('kept', 'team-a', ['10.0.0.0/28'])];
  assert.equal(reservations.configure(list(), 0).length, 1);
  assert.deepEqual(reservations.configure(list(), 1), []);
});

test('what the configuration no longer has is over', () => {
  const reservations = new Reservations();
  reservations.configure([reservation('kept', 'team-a', ['10.0.0.0/28'])], 0);
  reservations.configure([], 1);
  assert.deepEqual(names(reservations), []);
  assert.deepEqual([...reservations.for('team-a')], []);
});

test('a reservation that changes its owner changes hands at once', () => {
  const reservations = new Reservations();
  reservations.configure([reservation('kept', 'team-a', ['10.0.0.8/32'])], 0);
  reservations.configure([reservation('kept', 'team-b', ['10.0.0.8/32'])], 1);
  assert.deepEqual(reservations.standing(where), { kind: 'reserved', owner: 'team-b' });
});

test('a hold-down is over at its very end, not before', () => {
  const reservations = new Reservations();
  reservations.configure([reservation('down', 'team-a/web', ['10.0.0.8/32'], 1000)], 0);
  assert.equal(reservations.nextExpiry(), 1000);
  reservations.expire(999);
  assert.deepEqual(names(reservations), ['down']);
  reservations.expire(1000);
  assert.deepEqual(names(reservations), []);
  assert.equal(reservations.nextExpiry(), undefined);
  reservations.configure([reservation('down', 'team-a/web', ['10.0.0.8/32'], 1000)], 1000);
  assert.deepEqual(names(reservations), [], 'an object that outlives its time says nothing');
});

test('a hold lasts until the object that carries it on arrives', () => {
  const reservations = new Reservations();
  reservations.hold(reservation('down', 'team-a/web', ['10.0.0.8/32'], 5900), 0);
  reservations.configure([], 1);
  assert.deepEqual(names(reservations), ['down'], 'other changes of the configuration leave it alone');
  reservations.configure([reservation('down', 'team-a/web', ['10.0.0.8/32'], 5000)], 2);
  assert.deepEqual(names(reservations), ['down'], 'the object takes over, its seconds rounded down');
  reservations.configure([], 3);
  assert.deepEqual(names(reservations), [], 'deleting the object ends it early');
});

test('an older object of the same name does not end a hold', async (t) => {
  const rows: readonly [name: string, owner: string, ranges: readonly string[], until: number][] = [
    ['for another address', 'team-a/web', ['10.0.0.9/32'], 9000],
    ['with an earlier end', 'team-a/web', ['10.0.0.8/32'], 4000],
    ['for another Service', 'team-a/api', ['10.0.0.8/32'], 9000],
  ];
  for (const [name, owner, ranges, until] of rows) {
    await t.test(name, () => {
      const reservations = new Reservations();
      reservations.hold(reservation('down', 'team-a/web', ['10.0.0.8/32'], 9000), 0);
      reservations.configure([reservation('down', owner, ranges, until)], 1);
      reservations.configure([], 2);
      assert.deepEqual(names(reservations), ['down']);
    });
  }
});

test('a hold without an end is a defect', () => {
  assert.throws(
    () => new Reservations().hold(reservation('down', 'team-a', ['10.0.0.8/32']), 0),
    /Defect: hold down has an end/,
  );
});

test('a later hold of the same name replaces the earlier one', () => {
  const reservations = new Reservations();
  reservations.hold(reservation('down', 'team-a/web', ['10.0.0.8/32'], 100), 0);
  reservations.hold(reservation('down', 'team-a/web', ['10.0.0.9/32'], 200), 0);
  assert.deepEqual(names(reservations), []);
  assert.equal(reservations.nextExpiry(), 200);
  reservations.unhold('down');
  assert.equal(reservations.nextExpiry(), undefined);
});
