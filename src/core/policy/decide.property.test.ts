/**
 * Random sequences of what authors and platform teams do, with every promise
 * checked after every step. fast-check prints the seed and the shortest
 * sequence on failure. BERTH_PROPERTY_OPERATIONS sets how many operations all
 * property tests of the core run; a tenth of them are made here.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ModelCluster } from '../../../test/support/model-cluster.ts';
import { randomKey, randomService, randomWorld, reversedWorld } from '../../../test/support/random-world.ts';
import { hold, outcome, service, type WorldSpec, worldOf } from '../../../test/support/world.ts';
import { formatAddress } from '../net/address.ts';
import { decide } from './decide.ts';

const operations = Number(process.env.BERTH_PROPERTY_OPERATIONS ?? 100_000) / 10;
const runLength = 100;

const number = fc.nat(99_999);
const kind = fc.constantFrom('apply', 'apply', 'apply', 'apply', 'remove', 'reconcile', 'reconfigure');
const steps = fc.array(fc.tuple(kind, number, number, number), { maxLength: 2 * runLength, size: 'max' });

describe('over random worlds and sequences', () => {
  test('no address twice, none outside its pool, quotas and reservations hold, and what is served is left alone', () => {
    fc.assert(
      fc.property(number, number, number, steps, (pools, policies, reservations, sequence) => {
        const cluster = new ModelCluster(randomWorld(pools, policies, reservations));
        for (const [what, a, b, c] of sequence) {
          if (what === 'apply') cluster.apply(randomService(a, b));
          else if (what === 'remove') cluster.remove(randomKey(a));
          else if (what === 'reconcile') cluster.reconcile(randomKey(a));
          else if (a % 4 === 0) cluster.reconfigure(randomWorld(pools + (b % 3), a, c));
          cluster.check();
        }
      }),
      { numRuns: Math.max(10, Math.round(operations / runLength)) },
    );
  });

  test('the order in which objects and claims were read decides nothing', () => {
    fc.assert(
      fc.property(number, number, number, fc.array(fc.tuple(number, number), { maxLength: 20 }), (a, b, c, wishes) => {
        const spec = randomWorld(a, b, c);
        const cluster = new ModelCluster(spec);
        for (const [who, what] of wishes) cluster.apply(randomService(who, what));
        const held = cluster.services;
        const one = worldOf({ ...spec, services: held });
        const other = worldOf({ ...reversedWorld(spec), services: [...held].reverse() });
        for (const [who, what] of wishes) {
          const asks = service({ ...randomService(who + 1, what), uid: 'new' });
          assert.equal(outcome(decide(asks, other)), outcome(decide(asks, one)));
        }
      }),
      { numRuns: Math.max(10, Math.round(operations / 100)) },
    );
  });

  test('an address that is released can be had again', () => {
    fc.assert(
      fc.property(number, number, number, number, number, (a, b, c, who, what) => {
        const cluster = new ModelCluster(randomWorld(a, b, c));
        cluster.apply(randomService(who, what));
        const first = cluster.statusOf(randomKey(who));
        cluster.remove(randomKey(who));
        cluster.apply(randomService(who, what));
        assert.deepEqual(cluster.statusOf(randomKey(who)), first);
      }),
      { numRuns: Math.max(10, Math.round(operations / 20)) },
    );
  });
});

describe('under Stable', () => {
  const world: WorldSpec = {
    pools: { edge: ['10.0.0.0/22', 'fd00::/64'] },
    policies: { stable: { strategy: 'Stable' } },
  };
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 40 });
  const families = ['IPv4', 'IPv6'];

  /** Creates Services in an order and tells which address each got. */
  function fill(order: readonly string[]): Map<string, string> {
    const at = worldOf(world);
    return new Map(
      order.map((name) => {
        const request = service({ key: `team-a/${name}`, families });
        const decision = decide(request, at);
        assert.ok(decision.kind === 'assigned');
        hold(at, request, decision.addresses);
        return [name, decision.addresses.map(formatAddress).join(' ')];
      }),
    );
  }

  test('the same names get the same addresses in any order, as long as no two want the same one first', () => {
    fc.assert(
      fc.property(names, (all) => {
        const alone = all.map((name) => [name, ...fill([name]).values()] as const);
        const distinct = families.every(
          (_, index) => new Set(alone.map(([, text = '']) => text.split(' ')[index])).size === all.length,
        );
        fc.pre(distinct);
        const there = fill(all);
        const back = fill([...all].reverse());
        for (const [name, text] of alone) assert.deepEqual([there.get(name), back.get(name)], [text, text]);
      }),
      { numRuns: Math.max(10, Math.round(operations / 400)) },
    );
  });

  test('where two want the same one first, the first come has it and the other one near it', () => {
    fc.assert(
      fc.property(names, (all) => {
        const got = [...fill(all).values()].flatMap((text) => text.split(' '));
        assert.equal(new Set(got).size, got.length);
      }),
      { numRuns: Math.max(10, Math.round(operations / 400)) },
    );
  });
});
