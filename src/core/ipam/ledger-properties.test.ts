/**
 * Random sequences of everything that can happen to a ledger, beside a naive
 * model of it. fast-check prints the seed and the shortest sequence on failure.
 * BERTH_PROPERTY_OPERATIONS sets how many operations are run in all.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address, claim, configuration, pool, port, range, reservation } from '../../../test/support/ledger.ts';
import { NaiveLedger } from '../../../test/support/naive-ledger.ts';
import type { Pool, Reservation } from '../config/configuration.ts';
import { type Address, type Family, formatAddress } from '../net/address.ts';
import type { Claim, Claimant } from './claim.ts';
import { Ledger } from './ledger.ts';
import type { Obstacle } from './obstacle.ts';
import { clash } from './sharing.ts';

const operations = Number(process.env.BERTH_PROPERTY_OPERATIONS ?? 100_000);
const runLength = 250;

const families: readonly Family[] = ['IPv4', 'IPv6'];
const namespaces = ['a', 'b', 'c'];
const names = ['web', 'api', 'db', 'dns', 'mail'];
const mayShare = (one: string, other: string): boolean => one !== 'c' && other !== 'c';

/** What platform teams change pools to, one after the other; the fourth is what admission would refuse. */
const poolSets: readonly (readonly Pool[])[] = [
  [pool('edge', ['10.0.0.250-10.0.1.6', '2001:db8::/126']), pool('core', ['10.0.2.0/29'])],
  [pool('edge', ['10.0.0.250-10.0.1.6', '2001:db8::/126'], { avoidBuggyIPs: true }), pool('core', ['10.0.2.0/29'])],
  [pool('edge', ['10.0.0.253-10.0.1.2', '2001:db8::/127']), pool('core', ['10.0.2.0/29', '10.0.0.250/32'])],
  [pool('edge', ['10.0.0.250-10.0.1.6']), pool('core', ['10.0.1.0/30', '10.0.2.0/29', '2001:db8::/125'])],
  [pool('core', ['10.0.2.0/30'])],
];

/** Nested, side by side, ending, and one that contradicts another. */
const reservationChoices: readonly Reservation[] = [
  reservation('a-all', 'a', ['10.0.1.0-10.0.1.3', '2001:db8::/127']),
  reservation('a-web', 'a/web', ['10.0.1.2/32', '10.0.2.7/32']),
  reservation('b-all', 'b', ['10.0.2.0/30']),
  reservation('b-over-a', 'b', ['10.0.1.3-10.0.1.5']),
  reservation('down-db', 'b/db', ['10.0.0.251/32'], 500),
  reservation('down-api', 'a/api', ['10.0.1.1-10.0.1.2'], 2000),
];

const everywhere: readonly Address[] = ['10.0.0.249-10.0.1.7', '10.0.2.0/29', '10.9.9.9/32', '2001:db8::/125'].flatMap(
  (text) => {
    const { family, first, last } = range(text);
    return Array.from({ length: Number(last - first) + 1 }, (_, index) => ({ family, value: first + BigInt(index) }));
  },
);

type Kind =
  | 'allocate'
  | 'both-families'
  | 'ask'
  | 'join'
  | 'release'
  | 'release-held'
  | 'unhold'
  | 'wait'
  | 'configure'
  | 'restore';

/** The numbers pick from the lists above, whatever their length. */
type Step = readonly [kind: Kind, who: number, where: number, how: number];

const growing: readonly Kind[] = ['allocate', 'allocate', 'allocate', 'both-families', 'ask', 'ask', 'join'];
const shrinking: readonly Kind[] = ['release', 'release', 'release-held', 'unhold', 'wait'];
const any = fc.nat(9999);
const stepsOf = (kinds: readonly Kind[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.tuple(fc.constantFrom(...kinds), any, any, any), { maxLength: 2 * runLength, size: 'max' });

function pick<T>(list: readonly T[], index: number): T {
  const chosen = list[index % list.length];
  assert.ok(chosen !== undefined);
  return chosen;
}

/** A Service as its manifest reads at this moment: authors change keys, ports and policy. */
function claimantOf(who: number, how: number): Claim {
  const key = `${pick(namespaces, who)}/${pick(names, Math.floor(who / 3))}`;
  return claim(key, [], {
    createdAt: `2026-01-01T00:00:${String(who % 60).padStart(2, '0')}Z`,
    sharingKey: pick(['', 'k', 'k', 'l'], how) || undefined,
    ports: pick(
      [[port('TCP', 80)], [port('TCP', 443)], [port('UDP', 53), port('TCP', 53)], [port('SCTP', 80)]],
      who + how,
    ),
    trafficPolicy: pick(['Cluster', 'Cluster', 'Local'], Math.floor(how / 4)),
    backends: pick(['app=web', 'app=api', ''], Math.floor(how / 12)),
  });
}

function summary(obstacle: Obstacle | undefined): string | undefined {
  if (obstacle === undefined) return undefined;
  if (obstacle.kind === 'taken') return `exclusive ${obstacle.holder.key}`;
  if (obstacle.kind === 'incompatible') return `${obstacle.why} ${obstacle.holder.key}`;
  return obstacle.kind;
}

class Pair {
  readonly ledger = new Ledger();
  readonly model = new NaiveLedger();
  steps = 0;

  constructor() {
    this.configure(0, 0);
  }

  configure(pools: number, reservations: number): void {
    const chosen = reservationChoices.filter((_, index) => (reservations >> index) % 2 === 1);
    const next = configuration(pick(poolSets, pools), chosen);
    this.ledger.configure(next, this.model.now);
    this.model.configure(next, this.model.now);
  }

  claim(claimant: Claim, addresses: readonly Address[]): void {
    this.ledger.claim({ ...claimant, addresses });
    this.model.claim({ ...claimant, addresses });
  }

  next(claimant: Claim, where: number, how: number, family: Family): Address | undefined {
    if (this.model.pools.length === 0) return undefined;
    const from = pick(this.model.pools, where);
    const { namespace, name } = claimant;
    const want = { namespace, name, strategy: pick(['Lowest', 'Stable'] as const, how), now: this.model.now };
    const found = this.ledger.next(from, family, want);
    assert.deepEqual(found, this.model.next(from, family, want), 'the next address');
    if (found !== undefined) assert.deepEqual(this.model.holders(found), [], 'what is given automatically was free');
    return found;
  }

  mayTake(claimant: Claimant, wanted: Address): boolean {
    const obstacle = summary(this.ledger.obstacle(claimant, wanted, mayShare, this.model.now));
    assert.equal(obstacle, this.model.obstacle(claimant, wanted, mayShare), 'the obstacle');
    return obstacle === undefined;
  }

  run([kind, who, where, how]: Step): void {
    this.steps++;
    const claimant = claimantOf(who, how);
    switch (kind) {
      case 'allocate':
      case 'both-families': {
        const wanted = kind === 'allocate' ? [pick(families, how)] : families;
        const found = wanted.flatMap((family) => this.next(claimant, where, how, family) ?? []);
        if (found.length > 0) this.claim(claimant, found);
        return;
      }
      case 'ask': {
        const wanted = pick(everywhere, where);
        if (this.mayTake(claimant, wanted)) this.claim(claimant, [wanted]);
        return;
      }
      case 'join': {
        const shared = this.ledger.sharedAddresses(claimant, mayShare, this.model.now);
        const joinable = shared.find(({ address: one }) => this.mayTake(claimant, one));
        assert.deepEqual(
          joinable,
          shared.find(({ obstacle }) => obstacle === undefined),
        );
        if (joinable !== undefined) this.claim(claimant, [joinable.address]);
        return;
      }
      case 'release':
      case 'release-held':
        this.release(claimant.key, kind === 'release-held' ? this.model.now + (how % 400) : undefined);
        return;
      case 'unhold':
        this.ledger.unhold(claimant.key);
        this.model.holds.delete(claimant.key);
        return;
      case 'wait':
        this.model.now += how % 200;
        return;
      case 'configure':
        this.configure(where, how);
        return;
      case 'restore':
        this.claim(claimant, [pick(everywhere, where), ...(how % 4 === 0 ? [pick(everywhere, how)] : [])]);
    }
  }

  release(key: string, until: number | undefined): void {
    const released = this.ledger.release(key);
    const { addresses = [] } = released ?? {};
    assert.equal(released === undefined, this.model.claims.get(key) === undefined);
    this.model.claims.delete(key);
    if (until === undefined || addresses.length === 0) return;
    const ranges = addresses.map((one) => `${formatAddress(one)}-${formatAddress(one)}`);
    const hold = reservation(key, key, ranges, until);
    this.ledger.hold(hold, this.model.now);
    this.model.holds.set(key, hold);
  }

  /** Everything that can be asked, of both. */
  compare(ledger: Ledger = this.ledger): void {
    const { model } = this;
    for (const one of model.pools) {
      const counts = ledger.counts(one.name, model.now);
      for (const family of families)
        assert.deepEqual(counts[family], model.counts(one, family), `counts of ${one.name}`);
    }
    for (const namespace of namespaces) {
      assert.deepEqual(ledger.usage(namespace), model.usage(namespace), `usage of ${namespace}`);
      const key = `${namespace}/web`;
      assert.deepEqual(ledger.usage(namespace, key), model.usage(namespace, key), `usage without ${key}`);
    }
    for (const one of everywhere) {
      assert.deepEqual(
        ledger.holders(one).map(({ key }) => key),
        model.holders(one).map(({ key }) => key),
      );
      assert.equal(ledger.poolOf(one)?.name, model.poolOf(one)?.name);
      const reservations = ledger.reservationsAt(one, model.now).map(({ name }) => name);
      assert.deepEqual(
        reservations,
        model.reservationsAt(one).map(({ name }) => name),
      );
    }
    const isStray = ({ addresses }: Claim): boolean => addresses.some((one) => model.poolOf(one) === undefined);
    const strays = [...model.claims.values()].filter(isStray).map(({ key }) => key);
    assert.deepEqual(
      ledger.strays().map(({ key }) => key),
      strays.sort(),
    );
    const conflicts = ledger
      .conflicts(mayShare)
      .map((one) => `${formatAddress(one.address)} ${one.keeper.key} ${one.loser.key}`);
    assert.deepEqual(conflicts, model.conflicts(everywhere, mayShare));
    assert.equal(ledger.size, model.claims.size);
  }

  /** The same facts told to a new ledger, in the reverse order. */
  rebuilt(): Ledger {
    const ledger = new Ledger();
    for (const one of [...this.model.claims.values()].reverse()) ledger.claim(one);
    for (const one of [...this.model.holds.values()].reverse()) ledger.hold(one, this.model.now);
    const { pools, configured } = this.model;
    ledger.configure(configuration([...pools].reverse(), [...configured].reverse()), this.model.now);
    return ledger;
  }
}

/** Runs sequences until enough steps are done; each sequence is checked all the way and at its end. */
function runSequences(share: number, kinds: readonly Kind[], check: (pair: Pair, step: Step) => void): number {
  let steps = 0;
  const property = fc.property(stepsOf(kinds), (sequence) => {
    const pair = new Pair();
    for (const step of sequence) {
      pair.run(step);
      check(pair, step);
    }
    pair.compare();
    steps += pair.steps;
  });
  while (steps < share) fc.assert(property, { numRuns: 20 });
  return steps;
}

test('a ledger answers as the naive model does, whatever happens', (t) => {
  const kinds: readonly Kind[] = [...growing, ...shrinking, 'configure', 'restore'];
  const steps = runSequences(operations / 2, kinds, (pair) => {
    if (pair.steps % 50 === 0) pair.compare();
    if (pair.steps % 200 === 0) pair.compare(pair.rebuilt());
  });
  t.diagnostic(`${steps} operations`);
  assert.ok(steps >= operations / 2);
});

test('where every address was asked for first, no rule is ever broken', (t) => {
  const steps = runSequences(operations / 2, [...growing, ...shrinking], ({ ledger, model }, [, who, , how]) => {
    assert.deepEqual(ledger.conflicts(mayShare), [], 'no address twice, unless it may be shared');
    assert.deepEqual(ledger.strays(), [], 'no address outside the pools');
    // Pairwise over all claims, without the ledger's help.
    const held = ledger.get(claimantOf(who, how).key);
    for (const one of held?.addresses ?? []) {
      for (const other of model.holders(one)) {
        if (other.key !== held?.key) assert.equal(held && clash(held, other, mayShare), undefined);
      }
    }
  });
  t.diagnostic(`${steps} operations`);
  assert.ok(steps >= operations / 2);
});

test('released addresses come back: a pool that was filled and emptied is as new', () => {
  const edge = pool('edge', ['10.0.0.250-10.0.1.6'], { avoidBuggyIPs: true });
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), fc.boolean(), (order, isStable) => {
      const ledger = new Ledger();
      ledger.configure(configuration([edge]), 0);
      const fresh = ledger.counts('edge');
      const strategy = isStable ? 'Stable' : 'Lowest';
      const fill = (): string[] => {
        const given: string[] = [];
        for (let index = 0; ; index++) {
          const found = ledger.next(edge, 'IPv4', { namespace: 'a', name: `s${index}`, strategy, now: 0 });
          if (found === undefined) return given;
          ledger.claim(claim(`a/s${index}`, [found]));
          given.push(formatAddress(found));
        }
      };
      const first = fill();
      assert.equal(new Set(first).size, 11);
      const keys = [...ledger.claims()].map(({ key }) => key);
      const shuffled = keys.map((key, index) => ({ key, at: order[index] ?? 0 })).sort((a, b) => a.at - b.at);
      for (const { key } of shuffled) ledger.release(key);
      assert.deepEqual(ledger.counts('edge'), fresh);
      assert.deepEqual(fill(), first);
    }),
    { numRuns: 50 },
  );
});

test('Stable fills the same addresses in any order, and the same ones each where first choices differ', () => {
  const edge = pool('edge', ['10.0.0.240-10.0.1.15', '10.0.3.0/28'], { avoidBuggyIPs: true });
  const service = fc
    .tuple(fc.constantFrom(...namespaces), fc.stringMatching(/^[a-z]{1,6}$/))
    .map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(service, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (keys, random) => {
      const place = (order: readonly string[]): Map<string, string> => {
        const ledger = new Ledger();
        ledger.configure(configuration([edge], [reservation('kept', 'z', ['10.0.1.2/32'])]), 0);
        for (const key of order) {
          const { namespace, name } = claim(key, []);
          const found = ledger.next(edge, 'IPv4', { namespace, name, strategy: 'Stable', now: 0 });
          assert.ok(found);
          ledger.claim(claim(key, [found]));
        }
        return new Map(order.map((key) => [key, formatAddress(ledger.get(key)?.addresses[0] ?? address('0.0.0.0'))]));
      };
      const ledger = new Ledger();
      ledger.configure(configuration([edge]), 0);
      const shuffled = keys.map((key) => ({ key, at: random.next().value })).sort((a, b) => a.at - b.at);
      const [one, other] = [place(keys), place(shuffled.map(({ key }) => key))];
      assert.deepEqual([...one.values()].sort(), [...other.values()].sort());
      const choices = keys.map((key) => {
        const { namespace, name } = claim(key, []);
        return formatAddress(ledger.firstChoice(edge, 'IPv4', namespace, name) ?? address('0.0.0.0'));
      });
      const isDistinct = new Set(choices).size === keys.length && !choices.includes('10.0.1.2');
      if (isDistinct) for (const [key, where] of one) assert.equal(other.get(key), where);
    }),
    { numRuns: 200 },
  );
});
