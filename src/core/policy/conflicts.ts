/** Which of several Services that were found on one address keeps it. */
import { type Claimant, compareAge } from '../ipam/claim.ts';
import type { Claim, Conflict, MayShare } from '../ipam/ledger.ts';
import { type Clash, clash } from '../ipam/sharing.ts';
import { mayShare } from './sharing.ts';
import type { World } from './world.ts';

/**
 * Whether two Services can't both have an address, whatever was allowed before:
 * one of them has no sharing key, or both want one port. Keys, namespaces and
 * traffic policies that came apart later still work side by side, and a later
 * edit takes no address from anybody.
 */
export function isHard({ why }: Clash): boolean {
  return why === 'exclusive' || why === 'port';
}

/** The elder Service that keeps an address from this one. One that has to yield itself is nobody's elder. */
export function elderAgainst(claimant: Claimant, holders: readonly Claim[], sharing: MayShare): Claimant | undefined {
  const others = holders.filter(({ key }) => key !== claimant.key);
  const keepers: Claimant[] = [];
  for (const each of [...others, claimant].sort(compareAge)) {
    const against = keepers.find((keeper) => {
      const found = clash(each, keeper, sharing);
      return found !== undefined && isHard(found);
    });
    if (each === claimant) return against;
    if (against === undefined) keepers.push(each);
  }
  return undefined;
}

/** Every conflict that costs somebody an address; worked out over all Services. */
export function conflictsIn(world: World): readonly Conflict[] {
  const sharing = mayShare(world);
  return world.ledger.conflicts(sharing).filter(({ keeper, loser }) => {
    const found = clash(loser, keeper, sharing);
    return found !== undefined && isHard(found);
  });
}
