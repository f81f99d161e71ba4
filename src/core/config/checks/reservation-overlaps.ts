/** Reservations against each other and against the pools. */
import { compareRanges, formatRange, type Range } from '../../net/range.ts';
import type { Pool, Reservation } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';
import { OwnedRanges } from './owned-ranges.ts';

type Standing = Entry<Reservation> & { readonly value: Reservation };

/** Warns of reserved ranges that no pool holds: nobody can be given them, the owner included. */
export function checkReservedPools(entries: readonly Entry<Reservation>[], pools: ReadonlyMap<string, Pool>): void {
  const owned = new OwnedRanges<Pool>();
  for (const pool of pools.values()) for (const range of pool.ranges) owned.add(range, pool);
  for (const { value, report } of standing(entries)) {
    for (const range of value.ranges) {
      if (owned.overlapping(range).next().done !== true) continue;
      const remedy = 'correct the addresses, unless the pool is still to come';
      report.warn('spec.addresses', formatRange(range), 'lies in no IPAddressPool, so no Service can have it', remedy);
    }
  }
}

/** Reports addresses that are kept for two owners. O(n log n) and one step for each overlap. */
export function checkReservationOverlaps(entries: readonly Entry<Reservation>[]): void {
  const order = new Map(standing(entries).map((entry, index) => [entry, index]));
  const all = [...order.keys()].flatMap((entry) => entry.value.ranges.map((range) => ({ range, entry })));
  all.sort((a, b) => compareRanges(a.range, b.range));
  let open: { readonly range: Range; readonly entry: Standing }[] = [];
  for (const each of all) {
    open = open.filter(({ range }) => range.family === each.range.family && range.last >= each.range.first);
    for (const other of open) {
      const [younger, elder] =
        (order.get(each.entry) ?? 0) > (order.get(other.entry) ?? 0) ? [each, other] : [other, each];
      if (younger.entry !== elder.entry) compare(younger.entry, elder.entry, younger.range);
    }
    open.push(each);
  }
}

function compare(younger: Standing, elder: Standing, range: Range): void {
  const [own, other] = [younger.value, elder.value];
  if (compatible(own, other)) return;
  const why =
    other.contestedBy === undefined
      ? `is kept for ${ownerOf(other)}`
      : `is set aside, since ${other.contestedBy} outside the cluster has it,`;
  const message = `${why} by AddressReservation "${elder.name}"`;
  const text = formatRange(range);
  if (other.holdDown && !own.holdDown) {
    const remedy = 'wait for the hold-down to end, or delete it';
    younger.report.warn('spec.addresses', text, `${message} until its hold-down ends`, remedy);
  } else {
    younger.dispute('spec.addresses', text, message, 'take the common addresses out of one of the two');
  }
}

/** One owner, or a Service of a namespace that the addresses are kept for as a whole. */
function compatible(a: Reservation, b: Reservation): boolean {
  if (a.namespace !== b.namespace) return false;
  return a.service === b.service || a.service === undefined || b.service === undefined;
}

function ownerOf(reservation: Reservation): string {
  if (reservation.service === undefined) return `namespace "${reservation.namespace}"`;
  return `${reservation.namespace}/${reservation.service}`;
}
