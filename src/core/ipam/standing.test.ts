import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reservation } from '../../../test/support/ledger.ts';
import { admits, nobody, standingOf } from './standing.ts';

const here = ['10.0.0.0/24'];

test('only who is admitted by every reservation over an address may have it', async (t) => {
  const rows: readonly [name: string, owners: readonly string[], owner: string][] = [
    ['one namespace', ['team-a'], 'team-a'],
    ['one Service', ['team-a/web'], 'team-a/web'],
    ['a namespace and one of its Services', ['team-a', 'team-a/web'], 'team-a/web'],
    ['a Service and its namespace', ['team-a/web', 'team-a'], 'team-a/web'],
    ['the same namespace twice', ['team-a', 'team-a'], 'team-a'],
    ['two namespaces', ['team-a', 'team-b'], nobody],
    ['two Services of one namespace', ['team-a/web', 'team-a/api'], nobody],
    ['two Services and their namespace', ['team-a/web', 'team-a/api', 'team-a'], nobody],
    ['a namespace whose name begins another', ['team', 'team-a/web'], nobody],
  ];
  for (const [name, owners, owner] of rows) {
    await t.test(name, () => {
      const reservations = owners.map((one, index) => reservation(`r${index}`, one, here));
      assert.deepEqual(standingOf(reservations), { kind: 'reserved', owner });
    });
  }
  await t.test('none', () => assert.deepEqual(standingOf([]), { kind: 'open' }));
});

test('an address that a stranger has is for nobody, the Service that had it included', () => {
  const contested = { ...reservation('c', 'team-a/web', here, 1000), contestedBy: '02:00:00:00:00:ee' };
  assert.deepEqual(standingOf([contested]), { kind: 'held', owner: nobody });
  assert.deepEqual(standingOf([contested, reservation('h', 'team-a/web', here, 1000)]), {
    kind: 'held',
    owner: nobody,
  });
  assert.equal(admits(contested, 'team-a', 'web'), false);
});

test('an address counts as held only where hold-downs alone keep it', () => {
  const hold = reservation('h', 'team-a/web', here, 1000);
  assert.deepEqual(standingOf([hold]), { kind: 'held', owner: 'team-a/web' });
  assert.deepEqual(standingOf([hold, reservation('r', 'team-a', here)]), { kind: 'reserved', owner: 'team-a/web' });
});
