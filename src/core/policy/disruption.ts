/** What a change of configuration does to Services that run. */
import type { Configuration, Reservation } from '../config/configuration.ts';
import type { Claim, Ledger } from '../ipam/ledger.ts';
import { type Address, compareAddresses } from '../net/address.ts';
import { compareRanges, firstOf, formatRange, type Range, rangeContains } from '../net/range.ts';
import type { Millis } from '../time.ts';

/** A Service that would lose an address, because it lies in no pool afterwards. */
export interface Loss {
  /** `namespace/name`. */
  readonly service: string;
  readonly address: Address;
  /** The pool it lies in now. */
  readonly pool: string | undefined;
}

/** A reservation over an address that somebody else holds; the holder keeps it. */
export interface Overlay {
  readonly reservation: string;
  readonly address: Address;
  readonly holder: string;
}

export interface Effect {
  /** By Service, then address. */
  readonly losses: readonly Loss[];
  /** Only those that the change brings. */
  readonly overlays: readonly Overlay[];
}

/**
 * The effect of replacing the configuration that the ledger knows by another:
 * pools shrunk, deleted or renamed take addresses away; reservations and
 * policies never do. Complexity: addresses held × (log of ranges + new reservations).
 */
export function effectOfChange(before: Configuration, after: Configuration, ledger: Ledger, now: Millis): Effect {
  const ranges = sortedRanges(after);
  const fresh = newReservations(before, after, now);
  const losses: Loss[] = [];
  const overlays: Overlay[] = [];
  for (const claim of ledger.claims()) {
    for (const address of claim.addresses) {
      const pool = ledger.poolOf(address)?.name;
      if (pool !== undefined && !covers(ranges, address)) losses.push({ service: claim.key, address, pool });
      overlays.push(...overlaysOn(fresh, claim, address));
    }
  }
  const byService = (a: Loss, b: Loss): number =>
    a.service === b.service ? compareAddresses(a.address, b.address) : a.service < b.service ? -1 : 1;
  return { losses: losses.sort(byService), overlays };
}

function sortedRanges(configuration: Configuration): readonly Range[] {
  return [...configuration.pools.values()].flatMap((pool) => pool.ranges).sort(compareRanges);
}

/** Ranges of valid pools are disjoint, so only the last one that begins at or below an address can hold it. */
function covers(ranges: readonly Range[], address: Address): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && compareAddresses(firstOf(range), address) <= 0) low = middle + 1;
    else high = middle;
  }
  const last = ranges[low - 1];
  return last !== undefined && rangeContains(last, address);
}

function newReservations(before: Configuration, after: Configuration, now: Millis): readonly Reservation[] {
  const known = new Map(before.reservations.map((each) => [each.name, reach(each)]));
  return after.reservations.filter(
    (each) => known.get(each.name) !== reach(each) && (each.expiresAt === undefined || each.expiresAt > now),
  );
}

/** What a reservation covers and for whom, as comparable text. */
function reach({ ranges, namespace, service = '' }: Reservation): string {
  return [namespace, service, ...ranges.map(formatRange)].join(' ');
}

function overlaysOn(reservations: readonly Reservation[], claim: Claim, address: Address): readonly Overlay[] {
  return reservations
    .filter((each) => each.namespace !== claim.namespace || (each.service !== undefined && each.service !== claim.name))
    .filter((each) => each.ranges.some((range) => rangeContains(range, address)))
    .map((each) => ({ reservation: each.name, address, holder: claim.key }));
}
