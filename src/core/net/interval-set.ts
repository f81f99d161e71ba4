/**
 * A set of numbers kept as disjoint intervals, so that an IPv6 /48 costs as
 * much as one address.
 *
 *     members      3 4 5     9      12 13
 *     tree         5→3       9→9    13→12      (last → first)
 *
 * Keyed by the last number, "the first member at or after v" is one look-up:
 * the next key at or above v is the interval that holds v or follows it. And
 * taking the lowest member, what an allocator does all day, moves no key.
 */
import { higher, lower } from './bounds.ts';
import { SortedTree } from './sorted-tree.ts';

export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

export class IntervalSet {
  readonly #firstByLast = new SortedTree<bigint, bigint>();
  #size = 0n;

  /** How many numbers are in the set; O(1). */
  get size(): bigint {
    return this.#size;
  }

  /** How many intervals hold them; O(1). */
  get intervalCount(): number {
    return this.#firstByLast.size;
  }

  /** Adds every number from `first` to `last`; gives how many were new. O(log n) and one step for each interval swallowed. */
  add(first: bigint, last: bigint = first): bigint {
    if (first > last) return 0n;
    let [joinedFirst, joinedLast, present] = [first, last, 0n];
    // From first - 1, so that a neighbour that only touches is joined too.
    let pair = this.#firstByLast.getPairOrNextHigher(first - 1n);
    while (pair !== undefined && pair[1] <= last + 1n) {
      const [pairLast, pairFirst] = pair;
      present += lengthOf(higher(pairFirst, first), lower(pairLast, last));
      joinedFirst = lower(joinedFirst, pairFirst);
      joinedLast = higher(joinedLast, pairLast);
      if (pairLast < joinedLast) this.#firstByLast.delete(pairLast);
      pair = this.#firstByLast.nextHigherPair(pairLast);
    }
    this.#firstByLast.set(joinedLast, joinedFirst);
    const added = last - first + 1n - present;
    this.#size += added;
    return added;
  }

  /** Removes every number from `first` to `last`; gives how many were there. O(log n) and one step for each interval cut. */
  remove(first: bigint, last: bigint = first): bigint {
    if (first > last) return 0n;
    let removed = 0n;
    let pair = this.#firstByLast.getPairOrNextHigher(first);
    while (pair !== undefined && pair[1] <= last) {
      const [pairLast, pairFirst] = pair;
      removed += lengthOf(higher(pairFirst, first), lower(pairLast, last));
      if (pairLast > last) this.#firstByLast.set(pairLast, last + 1n);
      else this.#firstByLast.delete(pairLast);
      if (pairFirst < first) this.#firstByLast.set(first - 1n, pairFirst);
      pair = pairLast >= last ? undefined : this.#firstByLast.nextHigherPair(pairLast);
    }
    this.#size -= removed;
    return removed;
  }

  /** Tells whether a number is in the set; O(log n). */
  has(value: bigint): boolean {
    return this.firstAtOrAfter(value) === value;
  }

  /** The lowest member, or undefined for an empty set; O(log n). */
  first(): bigint | undefined {
    const last = this.#firstByLast.minKey();
    return last === undefined ? undefined : this.#firstByLast.get(last);
  }

  /** The lowest member that isn't below `value`, or undefined; O(log n). */
  firstAtOrAfter(value: bigint): bigint | undefined {
    const pair = this.#firstByLast.getPairOrNextHigher(value);
    return pair === undefined ? undefined : higher(pair[1], value);
  }

  /** The intervals in order, cut to `first`..`last` where given. Not to be changed while it is read. */
  *intervals(first?: bigint, last?: bigint): IterableIterator<Interval> {
    for (const [pairLast, pairFirst] of this.#firstByLast.entries(first)) {
      if (last !== undefined && pairFirst > last) return;
      yield {
        first: first === undefined ? pairFirst : higher(first, pairFirst),
        last: last === undefined ? pairLast : lower(last, pairLast),
      };
    }
  }
}

/** Numbers from `first` to `last`; 0 where they only touch. */
function lengthOf(first: bigint, last: bigint): bigint {
  return first > last ? 0n : last - first + 1n;
}
