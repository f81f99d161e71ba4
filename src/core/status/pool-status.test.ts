import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NOW, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import { conflictsIn } from '../policy/conflicts.ts';
import { faultyPoolStatus, type PoolStatus, poolStatus } from './pool-status.ts';

function statusOf(spec: WorldSpec, previous?: PoolStatus, now = NOW): PoolStatus {
  const world = worldOf(spec);
  const pool = world.configuration.pools.get('edge');
  assert.ok(pool);
  return poolStatus(pool, world.ledger, conflictsIn(world), previous, now);
}

function truths(status: PoolStatus): string {
  return status.conditions.flatMap(({ type, status: is }) => (is === 'True' ? [type] : [])).join(' ');
}

const held = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: `team-a/s${n}`, status: [`10.0.0.${n}`] }));

describe('the status of a pool', () => {
  const rows: readonly { name: string; spec: WorldSpec; expect: string }[] = [
    { name: 'with room is Ready', spec: { pools: { edge: '10.0.0.0/28' }, services: held(14) }, expect: 'Ready' },
    {
      name: 'from 90 % on is NearlyFull',
      spec: { pools: { edge: '10.0.0.0/28' }, services: held(15) },
      expect: 'Ready NearlyFull',
    },
    {
      name: 'without a free address is Exhausted, and still Ready',
      spec: { pools: { edge: '10.0.0.0/28' }, services: held(16) },
      expect: 'Ready NearlyFull Exhausted',
    },
    {
      name: 'is Exhausted in one family alone',
      spec: { pools: { edge: ['10.0.0.0/28', 'fd00::/64'] }, services: held(16) },
      expect: 'Ready NearlyFull Exhausted',
    },
    {
      name: 'counts what is reserved as not free',
      spec: {
        pools: { edge: '10.0.0.0/30' },
        reservations: { r: { addresses: ['10.0.0.0/30'], namespace: 'team-a' } },
      },
      expect: 'Ready NearlyFull Exhausted',
    },
    {
      name: 'with two Services on one address is Conflicting',
      spec: { pools: { edge: '10.0.0.0/28' }, services: [...held(1), { key: 'team-b/db', status: ['10.0.0.0'] }] },
      expect: 'Ready Conflicting',
    },
    {
      name: 'that is being deleted is not Ready',
      spec: { pools: { edge: { addresses: ['10.0.0.0/28'], deleting: true } } },
      expect: '',
    },
  ];
  for (const { name, spec, expect } of rows) {
    test(name, () => assert.equal(truths(statusOf(spec)), expect));
  }

  test('tells the generation at the top, where Flux looks, and the numbers that kubectl shows', () => {
    const { conditions, ...numbers } = statusOf({ pools: { edge: ['10.0.0.0/28', 'fd00::/120'] }, services: held(3) });
    assert.deepEqual(numbers, {
      observedGeneration: 1,
      assignedIPv4: 3,
      assignedIPv6: 0,
      availableIPv4: 13,
      availableIPv6: 256,
      reservedIPv4: 0,
      reservedIPv6: 0,
    });
    assert.ok(conditions.every(({ observedGeneration }) => observedGeneration === 1));
  });

  test('counts what reservations keep', () => {
    const reservations = { r: { addresses: ['10.0.0.0/30'], namespace: 'team-a' } };
    const { reservedIPv4, availableIPv4 } = statusOf({ pools: { edge: '10.0.0.0/28' }, reservations });
    assert.deepEqual({ reservedIPv4, availableIPv4 }, { reservedIPv4: 4, availableIPv4: 12 });
  });

  test('caps what JSON can not carry exactly', () => {
    assert.equal(statusOf({ pools: { edge: 'fd00::/48' } }).availableIPv6, Number.MAX_SAFE_INTEGER);
  });

  test('is the same while nothing changes, times included', () => {
    const spec = { pools: { edge: '10.0.0.0/28' }, services: held(3) };
    const first = statusOf(spec);
    const again = statusOf(spec, first, NOW + 60_000);
    assert.deepEqual(again, first);
    for (const [index, condition] of again.conditions.entries()) assert.equal(condition, first.conditions[index]);
  });

  test('of a faulty pool is Stalled, so that Flux fails at once, and keeps its count', () => {
    const faulty = worldOf({ pools: { edge: ['10.0.0.0/33'] } });
    const problems = faulty.configuration.problems.get('IPAddressPool/edge') ?? [];
    const before = statusOf({ pools: { edge: '10.0.0.0/28' }, services: held(3) });
    const status = faultyPoolStatus(problems, 2, before, NOW);
    assert.equal(truths(status), 'Stalled');
    assert.equal(status.assignedIPv4, 3);
    assert.equal(status.conditions[0]?.reason, 'InvalidConfiguration');
  });
});
