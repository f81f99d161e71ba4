/** Which of several Services that were found on one address keeps it. */
import { type Claimant, compareAge } from '../ipam/claim.ts';
import type { Claim, Conflict } from '../ipam/ledger.ts';
import { type Clash, samePort } from '../ipam/sharing.ts';
import { type Address, compareAddresses } from '../net/address.ts';
import type { World } from './world.ts';

/**
 * Why two Services can't both have an address, whatever was allowed before: one
 * of them has no sharing key, or both want one port. Keys, namespaces and
 * traffic policies that came apart later still work side by side, and a later
 * edit takes no address from anybody.
 */
export function hardClash(a: Claimant, b: Claimant): Clash | undefined {
  if (a.sharingKey === undefined || b.sharingKey === undefined) return { why: 'exclusive' };
  const port = a.ports.find((wanted) => b.ports.some((held) => samePort(wanted, held)));
  return port && { why: 'port', port };
}

/** The elder Service that keeps an address from this one. One that has to yield itself is nobody's elder. */
export function elderAgainst(claimant: Claimant, holders: readonly Claim[]): Claimant | undefined {
  const others = holders.filter(({ key }) => key !== claimant.key);
  const keepers: Claimant[] = [];
  for (const each of [...others, claimant].sort(compareAge)) {
    const against = keepers.find((keeper) => hardClash(each, keeper) !== undefined);
    if (each === claimant) return against;
    if (against === undefined) keepers.push(each);
  }
  return undefined;
}

/**
 * Every conflict that costs somebody an address, by address, then age of the
 * loser. Complexity: the number of addresses held.
 */
export function conflictsIn({ ledger }: World): readonly Conflict[] {
  const seen = new Set<string>();
  const found: Conflict[] = [];
  for (const claim of ledger.claims()) {
    for (const address of claim.addresses) {
      const holders = ledger.holders(address);
      const text = `${address.family} ${address.value}`;
      if (holders.length < 2 || seen.has(text)) continue;
      seen.add(text);
      found.push(...conflictsOn(address, holders));
    }
  }
  return found.sort((a, b) => compareAddresses(a.address, b.address));
}

/** @param holders The elder first. */
function conflictsOn(address: Address, holders: readonly Claim[]): readonly Conflict[] {
  const keepers: Claim[] = [];
  return holders.flatMap((loser): Conflict[] => {
    for (const keeper of keepers) {
      const found = hardClash(loser, keeper);
      if (found !== undefined) return [{ address, keeper, loser, clash: found }];
    }
    keepers.push(loser);
    return [];
  });
}
