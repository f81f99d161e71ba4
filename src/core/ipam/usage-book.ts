/** What each namespace holds, counted as it changes. */
import type { Family } from '../net/address.ts';
import type { Usage } from './counts.ts';

interface Entry {
  services: number;
  readonly addresses: Record<Family, number>;
  readonly perPool: Map<string, number>;
}

export class UsageBook {
  readonly #entries = new Map<string, Entry>();

  /** A copy, safe to keep; zero for a namespace that holds nothing. */
  read(namespace: string): Usage {
    const entry = this.#entries.get(namespace);
    return entry === undefined ? emptyEntry() : copyOf(entry);
  }

  /** As `read`, without one Service and the addresses that it alone holds in its namespace. */
  readWithout(namespace: string, addresses: readonly { family: Family; pool: string | undefined }[]): Usage {
    const entry = copyOf(this.#entryOf(namespace));
    entry.services -= 1;
    for (const { family, pool } of addresses) count(entry, family, pool, -1);
    return entry;
  }

  /** Counts a Service more (+1) or less (-1). */
  countService(namespace: string, change: 1 | -1): void {
    const entry = this.#entryOf(namespace);
    entry.services += change;
    if (entry.services === 0) this.#entries.delete(namespace);
  }

  /** Counts an address more (+1) or less (-1), in the pool that it lies in. */
  countAddress(namespace: string, family: Family, pool: string | undefined, change: 1 | -1): void {
    count(this.#entryOf(namespace), family, pool, change);
  }

  /** Forgets the pools, to be counted anew with `countPool`. */
  forgetPools(): void {
    for (const entry of this.#entries.values()) entry.perPool.clear();
  }

  /** Counts an address that is known already in the pool that it lies in now. */
  countPool(namespace: string, pool: string): void {
    bump(this.#entryOf(namespace).perPool, pool, 1);
  }

  #entryOf(namespace: string): Entry {
    let entry = this.#entries.get(namespace);
    if (entry === undefined) {
      entry = emptyEntry();
      this.#entries.set(namespace, entry);
    }
    return entry;
  }
}

function emptyEntry(): Entry {
  return { services: 0, addresses: { IPv4: 0, IPv6: 0 }, perPool: new Map() };
}

function copyOf(entry: Entry): Entry {
  return { services: entry.services, addresses: { ...entry.addresses }, perPool: new Map(entry.perPool) };
}

function count(entry: Entry, family: Family, pool: string | undefined, change: 1 | -1): void {
  entry.addresses[family] += change;
  if (pool !== undefined) bump(entry.perPool, pool, change);
}

function bump(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const next = (counts.get(name) ?? 0) + change;
  if (next === 0) counts.delete(name);
  else counts.set(name, next);
}
