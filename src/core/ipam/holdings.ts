/** Which Services hold an address. */
import type { Address, Family } from '../net/address.ts';
import { type Claim, compareAge } from './claim.ts';

const none: readonly Claim[] = [];

export class Holdings {
  /** The lists are replaced, never changed: a caller may keep the one it got. */
  readonly #claims: Readonly<Record<Family, Map<bigint, readonly Claim[]>>> = { IPv4: new Map(), IPv6: new Map() };
  readonly #several: Readonly<Record<Family, Set<bigint>>> = { IPv4: new Set(), IPv6: new Set() };

  /** Holders of an address, the elder first; O(1). */
  at(address: Address): readonly Claim[] {
    return this.#claims[address.family].get(address.value) ?? none;
  }

  /** Adds a holder. */
  add(address: Address, claim: Claim): void {
    const before = this.at(address);
    const claims = before.length === 0 ? [claim] : [...before, claim].sort(compareAge);
    this.#claims[address.family].set(address.value, claims);
    if (claims.length === 2) this.#several[address.family].add(address.value);
  }

  /** Takes a holder away. */
  remove(address: Address, claim: Claim): void {
    const claims = this.at(address).filter((holder) => holder !== claim);
    if (claims.length === 0) this.#claims[address.family].delete(address.value);
    else this.#claims[address.family].set(address.value, claims);
    if (claims.length === 1) this.#several[address.family].delete(address.value);
  }

  /** Every address that somebody holds, in no order. */
  *all(): IterableIterator<readonly [Address, readonly Claim[]]> {
    for (const family of ['IPv4', 'IPv6'] as const) {
      for (const [value, claims] of this.#claims[family]) yield [{ family, value }, claims];
    }
  }

  /** Every address with more than one holder, in no order; costs nothing for the others. */
  *several(): IterableIterator<readonly [Address, readonly Claim[]]> {
    for (const family of ['IPv4', 'IPv6'] as const) {
      for (const value of this.#several[family]) {
        const address = { family, value };
        yield [address, this.at(address)];
      }
    }
  }
}
