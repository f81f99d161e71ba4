/**
 * The allocator by itself, on one core: no apiserver, no I/O. Run alone it
 * prints a table: `node bench/allocator.ts [ROUNDS]`.
 */

import type { Pool } from '../src/core/config/configuration.ts';
import { type Claim, Ledger } from '../src/core/ipam/ledger.ts';
import type { Address, Family } from '../src/core/net/address.ts';
import { configuration, pool } from '../test/support/ledger.ts';

/** One figure, measured several times; lower is better. */
export interface Figure {
  readonly name: string;
  readonly unit: 's' | 'µs';
  readonly values: readonly number[];
  /** At most this; undefined where none is set. */
  readonly goal: number | undefined;
  /** What the bare minimum takes in the same rounds: the same claims made and put into one Map. */
  readonly floor?: readonly number[];
}

type Strategy = 'Lowest' | 'Stable';

/** Measures everything `rounds` times, each round on new ledgers. */
export function measureAllocator(rounds: number): Figure[] {
  // The figures are those of compiled code, as in a controller that has run for a minute.
  timedFill(pool('p', ['10.0.0.0/18']), 'IPv4', 16_384);
  return [
    measure(rounds, 'fill 16,384 addresses', 's', 0.1, () => timedFill(pool('p', ['10.0.0.0/18']), 'IPv4', 16_384)),
    measure(rounds, 'fill 16,384 of an IPv6 /48', 's', undefined, () =>
      timedFill(pool('p', ['2001:db8::/48']), 'IPv6', 16_384),
    ),
    measure(rounds, 'fill 16,384, Stable', 's', undefined, () =>
      timedFill(pool('p', ['10.0.0.0/18']), 'IPv4', 16_384, 'Stable'),
    ),
    {
      ...measure(rounds, 'fill 1,000,000 addresses', 's', 5, () =>
        timedFill(pool('p', ['10.0.0.0/12']), 'IPv4', 1_000_000),
      ),
      floor: Array.from({ length: rounds }, () => timedMap(1_000_000)),
    },
    measure(rounds, 'fill 1,000,000 without .0 and .255', 's', undefined, () =>
      timedFill(pool('p', ['10.0.0.0/8'], { avoidBuggyIPs: true }), 'IPv4', 1_000_000),
    ),
    measure(rounds, '10,000 random release and allocate in a full /12', 's', 1, timedChurn),
    measure(rounds, 'configure 10,000 pools', 's', undefined, timedPools),
    measure(rounds, 'pool of an address, among 10,000 pools', 'µs', undefined, timedPoolOf),
  ];
}

function measure(
  rounds: number,
  name: string,
  unit: Figure['unit'],
  goal: number | undefined,
  body: () => number,
): Figure {
  return { name, unit, goal, values: Array.from({ length: rounds }, body) };
}

function timedFill(from: Pool, family: Family, count: number, strategy: Strategy = 'Lowest'): number {
  const ledger = ledgerOf([from]);
  return seconds(() => {
    for (let index = 0; index < count; index++) allocate(ledger, from, family, index, strategy);
  });
}

function timedMap(count: number): number {
  const claims = new Map<string, Claim>();
  return seconds(() => {
    for (let index = 0; index < count; index++) {
      const claim = claimOf(`s${index}`, { family: 'IPv4', value: BigInt(index) });
      claims.set(claim.key, claim);
    }
  });
}

function timedChurn(): number {
  const count = 1 << 20;
  const from = pool('p', ['10.0.0.0/12']);
  const ledger = ledgerOf([from]);
  for (let index = 0; index < count; index++) allocate(ledger, from, 'IPv4', index, 'Lowest');
  const random = sequence();
  const chosen = Array.from({ length: 10_000 }, () => random() % count);
  return seconds(() => {
    for (const index of chosen) {
      ledger.release(`team/s${index}`);
      allocate(ledger, from, 'IPv4', index, 'Lowest');
    }
  });
}

function timedPools(): number {
  const many = manyPools();
  return seconds(() => ledgerOf(many));
}

function timedPoolOf(): number {
  const ledger = ledgerOf(manyPools());
  const random = sequence();
  const count = 100_000;
  const asked = Array.from({ length: count }, (): Address => {
    return { family: 'IPv4', value: (10n << 24n) + BigInt(random() % 160_000) };
  });
  const took = seconds(() => {
    for (const one of asked) if (ledger.poolOf(one) === undefined) throw new Error('Every address lies in a pool here');
  });
  return (took * 1e6) / count;
}

/** 10,000 pools of 16 addresses, side by side. */
function manyPools(): Pool[] {
  return Array.from({ length: 10_000 }, (_, index) => {
    const first = index * 16;
    return pool(`p${index}`, [`10.${first >> 16}.${(first >> 8) & 255}.${first & 255}/28`]);
  });
}

function ledgerOf(pools: readonly Pool[]): Ledger {
  const ledger = new Ledger();
  ledger.configure(configuration(pools), 0);
  return ledger;
}

function allocate(ledger: Ledger, from: Pool, family: Family, index: number, strategy: Strategy): void {
  const name = `s${index}`;
  const found = ledger.next(from, family, { namespace: 'team', name, strategy, now: 0 });
  if (found === undefined) throw new Error(`Cannot give ${name} an address: the pool is exhausted`);
  ledger.claim(claimOf(name, found));
}

function claimOf(name: string, address: Address): Claim {
  return {
    key: `team/${name}`,
    namespace: 'team',
    name,
    uid: '',
    createdAt: '2026-01-01T00:00:00Z',
    addresses: [address],
    pool: 'p',
    sharingKey: undefined,
    ports: [{ protocol: 'TCP', port: 443 }],
    trafficPolicy: 'Cluster',
    backends: 'app=web',
  };
}

function seconds(body: () => void): number {
  const start = performance.now();
  body();
  return (performance.now() - start) / 1000;
}

/** The same numbers in each run (a linear congruence, Numerical Recipes), so that runs can be compared. */
function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 4;
  };
}

if (import.meta.main) {
  for (const { name, unit, goal, values, floor } of measureAllocator(Number(process.argv[2] ?? 3))) {
    const beside = [goal && `goal ${goal}`, floor && `floor ${spread(floor)}`].filter(Boolean).join(', ');
    console.log(`${name.padEnd(50)} ${`${spread(values)} ${unit}`.padEnd(30)} ${beside}`);
  }
}

/** Lowest, median and highest. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((value) => value?.toFixed(3)).join(' / ');
}
