/** Which Services hold an address. */
import type { Address, Family } from '../net/address.ts';
import { type Claim, compareAge } from './claim.ts';

/** Nearly every address has one holder, so that one stands for itself: a list for each would double the cost of a million. */
type Holders = Claim | readonly Claim[];

const none: readonly Claim[] = [];

export class Holdings {
  readonly #holders: Readonly<Record<Family, Map<number | bigint, Holders>>> = { IPv4: new Map(), IPv6: new Map() };
  readonly #several: Readonly<Record<Family, Set<number | bigint>>> = { IPv4: new Set(), IPv6: new Set() };

  /** Holders of an address, the elder first; O(1). The list never changes afterwards. */
  at(address: Address): readonly Claim[] {
    return listOf(this.#holders[address.family].get(keyOf(address)));
  }

  /** Adds a holder; gives those that were there before. */
  add(address: Address, claim: Claim): readonly Claim[] {
    const key = keyOf(address);
    const before = listOf(this.#holders[address.family].get(key));
    this.#holders[address.family].set(key, before.length === 0 ? claim : withOneMore(before, claim));
    if (before.length === 1) this.#several[address.family].add(key);
    return before;
  }

  /** Takes a holder away; gives those that are left. */
  remove(address: Address, claim: Claim): readonly Claim[] {
    const key = keyOf(address);
    const after = listOf(this.#holders[address.family].get(key)).filter((holder) => holder !== claim);
    const [only, ...others] = after;
    if (only === undefined) this.#holders[address.family].delete(key);
    else this.#holders[address.family].set(key, others.length === 0 ? only : after);
    if (after.length === 1) this.#several[address.family].delete(key);
    return after;
  }

  /** Every address that somebody holds, in no order. */
  *all(): IterableIterator<readonly [Address, readonly Claim[]]> {
    for (const family of ['IPv4', 'IPv6'] as const) {
      for (const [key, holders] of this.#holders[family]) yield [{ family, value: addressValue(key) }, listOf(holders)];
    }
  }

  /** Every address with more than one holder, in no order; costs nothing for the others. */
  *several(): IterableIterator<readonly [Address, readonly Claim[]]> {
    for (const family of ['IPv4', 'IPv6'] as const) {
      for (const key of this.#several[family]) {
        const address = { family, value: addressValue(key) };
        yield [address, this.at(address)];
      }
    }
  }
}

/**
 * What the engine hashes evenly. Of a bigint it takes only the lowest 64 bits,
 * and people give Services of many subnets the same interface identifier; so
 * the upper half of an IPv6 address is folded into the lower one, which loses nothing.
 */
function keyOf(address: Address): number | bigint {
  return address.family === 'IPv4' ? Number(address.value) : address.value ^ (address.value >> 64n);
}

function addressValue(key: number | bigint): bigint {
  return typeof key === 'number' ? BigInt(key) : key ^ (key >> 64n);
}

function listOf(holders: Holders | undefined): readonly Claim[] {
  if (holders === undefined) return none;
  return isList(holders) ? holders : [holders];
}

/** What Array.isArray says, which the checker doesn't believe of a readonly list. */
function isList(holders: Holders): holders is readonly Claim[] {
  return Array.isArray(holders);
}

function withOneMore(claims: readonly Claim[], claim: Claim): readonly Claim[] {
  const younger = claims.findIndex((other) => compareAge(other, claim) > 0);
  return claims.toSpliced(younger < 0 ? claims.length : younger, 0, claim);
}
