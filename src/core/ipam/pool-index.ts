/** Which pool an address belongs to, among any number of pools. */
import type { Pool } from '../config/configuration.ts';
import type { Address, Family } from '../net/address.ts';
import { type Interval, IntervalSet } from '../net/interval-set.ts';
import { type Range, sameRanges } from '../net/range.ts';
import { SortedTree } from '../net/sorted-tree.ts';
import { FreeAddresses } from './free-addresses.ts';
import type { NearestRange } from './obstacle.ts';
import { allPositions, positionsWithoutBuggy } from './positions.ts';

/** A stretch of addresses that one pool owns. */
export interface Stretch extends Interval {
  readonly pool: string;
  readonly free: FreeAddresses;
}

type Stretches = SortedTree<bigint, Stretch>;

export class PoolIndex {
  readonly #pools: Map<string, Pool>;
  readonly #free = new Map<string, Readonly<Record<Family, FreeAddresses>>>();
  /** By last address, as in `IntervalSet`. */
  readonly #stretches: Readonly<Record<Family, Stretches>> = { IPv4: new SortedTree(), IPv6: new SortedTree() };

  /**
   * Indexes pools with every address free. Admission refuses pools that
   * overlap; where it was down, the first pool by name owns what two have in
   * common, so that no address is ever free twice.
   */
  constructor(pools: ReadonlyMap<string, Pool>) {
    this.#pools = new Map([...pools].sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const pool of this.#pools.values()) {
      this.#free.set(pool.name, { IPv4: this.#index(pool, 'IPv4'), IPv6: this.#index(pool, 'IPv6') });
    }
  }

  /** Takes over pools that differ in nothing that is indexed; false where they do. */
  refresh(pools: ReadonlyMap<string, Pool>): boolean {
    if (pools.size !== this.#pools.size) return false;
    for (const [name, pool] of pools) {
      const present = this.#pools.get(name);
      if (present === undefined || present.avoidBuggyIPs !== pool.avoidBuggyIPs) return false;
      if (!sameRanges(present.ranges, pool.ranges)) return false;
    }
    for (const [name, pool] of pools) this.#pools.set(name, pool);
    return true;
  }

  pool(name: string): Pool | undefined {
    return this.#pools.get(name);
  }

  free(name: string, family: Family): FreeAddresses | undefined {
    return this.#free.get(name)?.[family];
  }

  /** The stretch that holds an address; O(log n) in the number of ranges. */
  at(address: Address): Stretch | undefined {
    const stretch = this.#stretches[address.family].getPairOrNextHigher(address.value)?.[1];
    return stretch !== undefined && stretch.first <= address.value ? stretch : undefined;
  }

  /** The stretches that have an address in common with `first`..`last`, in order. */
  *overlapping(family: Family, first: bigint, last: bigint): IterableIterator<Stretch> {
    for (const stretch of this.#stretches[family].values(first)) {
      if (stretch.first > last) return;
      yield stretch;
    }
  }

  /** The range closest to an address outside every pool; the lower one of two as close. O(log n). */
  nearest(address: Address): NearestRange | undefined {
    const below = this.#stretches[address.family].nextLowerPair(address.value)?.[1];
    const above = this.#stretches[address.family].getPairOrNextHigher(address.value)?.[1];
    if (below === undefined || above === undefined) return this.#written(below ?? above, address.family);
    const isAboveCloser = above.first - address.value < address.value - below.last;
    return this.#written(isAboveCloser ? above : below, address.family);
  }

  /** The range as its pool writes it, which a stretch may be only a part of. */
  #written(stretch: Stretch | undefined, family: Family): NearestRange | undefined {
    if (stretch === undefined) return undefined;
    const ranges = this.#pools.get(stretch.pool)?.ranges ?? [];
    const range = ranges.find(
      (one) => one.family === family && one.first <= stretch.first && stretch.first <= one.last,
    );
    return range && { pool: stretch.pool, range };
  }

  #index(pool: Pool, family: Family): FreeAddresses {
    const own = new IntervalSet();
    for (const range of pool.ranges) if (range.family === family) this.#addUnowned(own, range);
    const avoidsBuggy = pool.avoidBuggyIPs && family === 'IPv4';
    const intervals = [...own.intervals()];
    const free = new FreeAddresses(intervals, avoidsBuggy ? positionsWithoutBuggy : allPositions);
    for (const interval of intervals) {
      this.#stretches[family].set(interval.last, { ...interval, pool: pool.name, free });
    }
    return free;
  }

  #addUnowned(own: IntervalSet, range: Range): void {
    own.add(range.first, range.last);
    for (const stretch of this.overlapping(range.family, range.first, range.last))
      own.remove(stretch.first, stretch.last);
  }
}
