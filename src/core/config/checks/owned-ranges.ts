/** Ranges with an owner each, none overlapping another; finding those that a range meets is O(log n) and one step for each. */
import type { Family } from '../../net/address.ts';
import type { Range } from '../../net/range.ts';
import { SortedTree } from '../../net/sorted-tree.ts';

export interface OwnedRange<Owner> {
  readonly range: Range;
  readonly owner: Owner;
}

export class OwnedRanges<Owner> {
  /** Keyed by the last address: the next key at or above v is the range that holds v or follows it. */
  readonly #byLast: Readonly<Record<Family, SortedTree<bigint, OwnedRange<Owner>>>> = {
    IPv4: new SortedTree(),
    IPv6: new SortedTree(),
  };

  /** Those that have an address in common with `range`, in address order. */
  *overlapping(range: Range): Generator<OwnedRange<Owner>> {
    const tree = this.#byLast[range.family];
    let pair = tree.getPairOrNextHigher(range.first);
    while (pair !== undefined && pair[1].range.first <= range.last) {
      yield pair[1];
      pair = tree.nextHigherPair(pair[0]);
    }
  }

  /** Adds a range that overlaps none of those here. */
  add(range: Range, owner: Owner): void {
    this.#byLast[range.family].set(range.last, { range, owner });
  }
}
