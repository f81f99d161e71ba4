/**
 * The B+ tree of `sorted-btree`, keyed by numbers of any size. The library is
 * CommonJS, so its class sits one `default` deeper than its types suggest.
 */
import sortedBTree from 'sorted-btree';

/** A map in key order: get, set, delete and "the next one up" are O(log n). */
export class SortedTree<K extends bigint | number, V> extends sortedBTree.default<K, V> {
  constructor() {
    super(undefined, compareNumbers);
  }
}

function compareNumbers<K extends bigint | number>(a: K, b: K): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
