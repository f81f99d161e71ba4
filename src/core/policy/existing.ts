/** What a Service may keep of what it holds. Configuration that changed since takes nothing away. */

import type { Claim } from '../ipam/ledger.ts';
import { type Clash, clash } from '../ipam/sharing.ts';
import type { Address } from '../net/address.ts';
import { familyGone, outsidePools, secondOfFamily, yieldsTo } from '../status/because.ts';
import { softClash } from '../status/warnings.ts';
import { type Ask, homeOf } from './ask.ts';
import { elderAgainst, hardClash } from './conflicts.ts';
import type { Released } from './decision.ts';

export interface Holding {
  /** In the order of the status. */
  readonly kept: readonly Address[];
  readonly released: readonly Released[];
  readonly warnings: readonly string[];
}

/**
 * An address stays unless it lies in no pool (a pool that a bad edit put out of
 * force still counts), its family is no longer asked for, or an elder Service
 * holds it too and both can't work on it. Sharers whose keys, namespaces or
 * traffic policies came apart later still work side by side, so both keep it,
 * with a warning.
 */
export function holdingOf(ask: Ask): Holding {
  const kept: Address[] = [];
  const released: Released[] = [];
  const warnings: string[] = [];
  for (const address of ask.held) {
    const because = lossOf(ask, address, kept);
    if (because === undefined) {
      kept.push(address);
      warnings.push(...softClashes(ask, address));
    } else {
      released.push({ address, because });
    }
  }
  return { kept, released, warnings };
}

function lossOf(ask: Ask, address: Address, kept: readonly Address[]): string | undefined {
  if (!ask.families.includes(address.family)) return familyGone(address.family);
  const first = kept.find((other) => other.family === address.family);
  if (first !== undefined) return secondOfFamily(first);
  if (homeOf(ask, address) === undefined) return outsidePools();
  const elder = elderAgainst(ask.claimant, ask.world.ledger.holders(address));
  return elder && yieldsTo(elder.key);
}

export interface ClashOn {
  readonly address: Address;
  readonly holder: Claim;
  readonly clash: Clash;
  /** They can't both have it, whatever was allowed before. */
  readonly hard: boolean;
}

/** Every other Service on an address that the sharing rules don't let this one stand beside. */
export function clashesOn(ask: Ask, address: Address): readonly ClashOn[] {
  return ask.world.ledger.holders(address).flatMap((holder) => {
    if (holder.key === ask.request.key) return [];
    const worst = hardClash(ask.claimant, holder);
    const found = worst ?? clash(ask.claimant, holder, ask.sharing);
    return found === undefined ? [] : [{ address, holder, clash: found, hard: worst !== undefined }];
  });
}

function softClashes(ask: Ask, address: Address): readonly string[] {
  return clashesOn(ask, address)
    .filter(({ hard }) => !hard)
    .map((each) => softClash(address, each.holder.key, each.clash.why));
}
