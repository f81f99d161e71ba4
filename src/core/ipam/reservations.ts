/** The reservations in force: those of the configuration, and holds that have no object yet. */
import type { Reservation } from '../config/configuration.ts';
import { invariant } from '../invariant.ts';
import type { Address, Family } from '../net/address.ts';
import { sameRanges } from '../net/range.ts';
import { SortedTree } from '../net/sorted-tree.ts';
import type { Millis } from '../time.ts';
import { ReservationMap, type StandingChange } from './reservation-map.ts';
import { ownerOf, type Standing } from './standing.ts';

export interface FamilyChange extends StandingChange {
  readonly family: Family;
}

/** An object's times have whole seconds, a hold's have milliseconds. */
const objectPrecision: Millis = 1000;

export class Reservations {
  readonly #maps: Readonly<Record<Family, ReservationMap>> = { IPv4: new ReservationMap(), IPv6: new ReservationMap() };
  readonly #configured = new Map<string, Reservation>();
  readonly #holds = new Map<string, Reservation>();
  readonly #byExpiry = new SortedTree<Millis, Set<Reservation>>();
  readonly #byOwner = new Map<string, Set<Reservation>>();

  /** The reservations over an address, by name. */
  at(address: Address): readonly Reservation[] {
    return this.#maps[address.family].at(address.value);
  }

  /** To whom an address may be given. */
  standing(address: Address): Standing {
    return this.#maps[address.family].standing(address.value);
  }

  /** The stretches of a family that aren't open to all, in order. */
  pieces(family: Family): ReturnType<ReservationMap['pieces']> {
    return this.#maps[family].pieces();
  }

  /** The reservations for exactly this owner: a namespace, or `namespace/name`. */
  for(owner: string): Iterable<Reservation> {
    return this.#byOwner.get(owner) ?? [];
  }

  /** When the next one ends by itself. */
  nextExpiry(): Millis | undefined {
    return this.#byExpiry.minKey();
  }

  /** Takes over the configuration's reservations; one that was there already, unchanged, costs a comparison. */
  configure(reservations: readonly Reservation[], now: Millis): FamilyChange[] {
    const changes: FamilyChange[] = [];
    const wanted = new Map<string, Reservation>();
    for (const reservation of reservations) if (!isOver(reservation, now)) wanted.set(reservation.name, reservation);
    for (const [name, present] of this.#configured) {
      const next = wanted.get(name);
      if (next === undefined || !sameReservation(present, next)) {
        this.#configured.delete(name);
        changes.push(...this.#lift(present));
      }
    }
    for (const [name, reservation] of wanted) {
      if (!this.#configured.has(name)) {
        this.#configured.set(name, reservation);
        changes.push(...this.#lay(reservation));
      }
      const hold = this.#holds.get(name);
      if (hold !== undefined && replaces(reservation, hold)) changes.push(...this.unhold(name));
    }
    return changes;
  }

  /** Begins a hold, in place of an earlier one of the same name. */
  hold(reservation: Reservation, now: Millis): FamilyChange[] {
    invariant(reservation.expiresAt !== undefined, `hold ${reservation.name} has an end`);
    const changes = this.unhold(reservation.name);
    if (isOver(reservation, now)) return changes;
    this.#holds.set(reservation.name, reservation);
    return [...changes, ...this.#lay(reservation)];
  }

  /** Ends a hold; one that ended already is no matter. */
  unhold(name: string): FamilyChange[] {
    const hold = this.#holds.get(name);
    if (hold === undefined) return [];
    this.#holds.delete(name);
    return this.#lift(hold);
  }

  /** Ends everything whose time is over. */
  expire(now: Millis): FamilyChange[] {
    const changes: FamilyChange[] = [];
    for (let next = this.nextExpiry(); next !== undefined && next <= now; next = this.nextExpiry()) {
      for (const reservation of [...(this.#byExpiry.get(next) ?? [])]) {
        const { name } = reservation;
        if (this.#configured.get(name) === reservation) this.#configured.delete(name);
        if (this.#holds.get(name) === reservation) this.#holds.delete(name);
        changes.push(...this.#lift(reservation));
      }
    }
    return changes;
  }

  #lay(reservation: Reservation): FamilyChange[] {
    const { expiresAt } = reservation;
    if (expiresAt !== undefined) {
      const others = this.#byExpiry.get(expiresAt);
      if (others === undefined) this.#byExpiry.set(expiresAt, new Set([reservation]));
      else others.add(reservation);
    }
    const owner = ownerOf(reservation);
    const others = this.#byOwner.get(owner);
    if (others === undefined) this.#byOwner.set(owner, new Set([reservation]));
    else others.add(reservation);
    return reservation.ranges.flatMap((range) =>
      this.#maps[range.family].add(reservation, range).map((change) => ({ ...change, family: range.family })),
    );
  }

  #lift(reservation: Reservation): FamilyChange[] {
    const { expiresAt } = reservation;
    const ending = expiresAt === undefined ? undefined : this.#byExpiry.get(expiresAt);
    ending?.delete(reservation);
    if (expiresAt !== undefined && ending?.size === 0) this.#byExpiry.delete(expiresAt);
    const owner = ownerOf(reservation);
    const owned = this.#byOwner.get(owner);
    owned?.delete(reservation);
    if (owned?.size === 0) this.#byOwner.delete(owner);
    return reservation.ranges.flatMap((range) =>
      this.#maps[range.family].remove(reservation, range).map((change) => ({ ...change, family: range.family })),
    );
  }
}

/** A reservation ends at its very instant: from `expiresAt` on, it holds no more. */
function isOver(reservation: Reservation, now: Millis): boolean {
  return reservation.expiresAt !== undefined && reservation.expiresAt <= now;
}

function sameReservation(a: Reservation, b: Reservation): boolean {
  return sameHold(a, b) && a.expiresAt === b.expiresAt && a.holdDown === b.holdDown;
}

/** Tells whether an object carries on what a hold began: an older object of the same name doesn't. */
function replaces(reservation: Reservation, hold: Reservation): boolean {
  if (!sameHold(reservation, hold)) return false;
  const [end, needed] = [reservation.expiresAt ?? Infinity, hold.expiresAt ?? Infinity];
  return end > needed - objectPrecision;
}

function sameHold(a: Reservation, b: Reservation): boolean {
  return a.name === b.name && ownerOf(a) === ownerOf(b) && sameRanges(a.ranges, b.ranges);
}
