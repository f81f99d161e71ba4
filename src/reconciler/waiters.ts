/**
 * Services that wait for something, and who must be asked when something comes
 * free: the eldest first, and no further than there is something to give.
 */
import sortedBTree from 'sorted-btree';
import type { Family } from '../core/net/address.ts';

export interface Waiter {
  readonly key: string;
  readonly namespace: string;
  /** RFC 3339 in UTC, as the apiserver writes it: equal length, so text order is time order. */
  readonly createdAt: string;
  /** Pools that could end the wait by a free address; `any`: whichever. */
  readonly pools: readonly string[] | 'any';
  /** Addresses that it asks for by name, as text. */
  readonly addresses: readonly string[];
  /** It may share an address: a port that comes free can be enough. */
  readonly sharingKey: string | undefined;
  /** It waits for its namespace's quota. */
  readonly quota: boolean;
  /** Why, as the condition's reason has it. */
  readonly reason: string;
}

/** What came free. */
export interface Freed {
  readonly namespace: string;
  readonly sharingKey: string | undefined;
  /** As text. */
  readonly addresses: readonly string[];
  /** Pools that have an address more to give now, with its family. */
  readonly pools: readonly { readonly pool: string; readonly family: Family }[];
}

/** In order of age. The library is CommonJS: its class sits one `default` deeper than its types suggest. */
class Bucket extends sortedBTree.default<string, Waiter> {}

export class Waiters {
  readonly #waiters = new Map<string, Waiter>();
  readonly #buckets = new Map<string, Bucket>();

  get size(): number {
    return this.#waiters.size;
  }

  has(key: string): boolean {
    return this.#waiters.has(key);
  }

  /** Every waiter, in no order. */
  all(): IterableIterator<Waiter> {
    return this.#waiters.values();
  }

  /** Every waiter, the eldest first. */
  byAge(): readonly Waiter[] {
    return [...this.#waiters.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }

  add(waiter: Waiter): void {
    this.delete(waiter.key);
    this.#waiters.set(waiter.key, waiter);
    for (const name of bucketsOf(waiter)) {
      let bucket = this.#buckets.get(name);
      if (bucket === undefined) {
        bucket = new Bucket();
        this.#buckets.set(name, bucket);
      }
      bucket.set(orderOf(waiter), waiter);
    }
  }

  delete(key: string): void {
    const waiter = this.#waiters.get(key);
    if (waiter === undefined) return;
    this.#waiters.delete(key);
    for (const name of bucketsOf(waiter)) {
      const bucket = this.#buckets.get(name);
      bucket?.delete(orderOf(waiter));
      if (bucket?.size === 0) this.#buckets.delete(name);
    }
  }

  /**
   * Who may be served now, the eldest first. Waiters may be added and deleted
   * meanwhile. Those who wait for a free address are told only while
   * `hasFree` says that their pool has one.
   */
  *candidates(freed: Freed, hasFree: (pool: string, family: Family) => boolean): Generator<Waiter> {
    const certain = [
      `namespace ${freed.namespace}`,
      ...freed.addresses.map((address) => `address ${address}`),
      ...(freed.sharingKey === undefined ? [] : [`sharing ${freed.sharingKey}`]),
    ];
    let after: string | undefined;
    for (;;) {
      const open = freed.pools.filter(({ pool, family }) => hasFree(pool, family)).map(({ pool }) => `pool ${pool}`);
      const next = this.#first([...certain, ...open, ...(open.length > 0 ? ['pools'] : [])], after);
      if (next === undefined) return;
      after = orderOf(next);
      yield next;
    }
  }

  #first(buckets: readonly string[], after: string | undefined): Waiter | undefined {
    let first: Waiter | undefined;
    for (const name of buckets) {
      const waiter = this.#buckets.get(name)?.nextHigherPair(after)?.[1];
      if (waiter !== undefined && (first === undefined || orderOf(waiter) < orderOf(first))) first = waiter;
    }
    return first;
  }
}

function orderOf({ createdAt, key }: Waiter): string {
  return `${createdAt} ${key}`;
}

function bucketsOf(waiter: Waiter): readonly string[] {
  return [
    ...(waiter.quota ? [`namespace ${waiter.namespace}`] : []),
    ...waiter.addresses.map((address) => `address ${address}`),
    ...(waiter.sharingKey === undefined ? [] : [`sharing ${waiter.sharingKey}`]),
    ...(waiter.pools === 'any' ? ['pools'] : waiter.pools.map((pool) => `pool ${pool}`)),
  ];
}
