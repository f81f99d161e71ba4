/**
 * The reservations over each address of one family, as pieces that have the
 * same reservations throughout:
 *
 *     team-a          |---------------------|
 *     team-a/web              |---|
 *     pieces          |   a   |a,w|    a    |
 */
import type { Reservation } from '../config/configuration.ts';
import { higher, lower } from '../net/bounds.ts';
import type { Interval } from '../net/interval-set.ts';
import { SortedTree } from '../net/sorted-tree.ts';
import { open, type Standing, sameStanding, standingOf } from './standing.ts';

interface Piece extends Interval {
  /** By name; never empty. */
  readonly reservations: readonly Reservation[];
  readonly standing: Standing;
}

/** Addresses whose standing is another one now. */
export interface StandingChange extends Interval {
  readonly before: Standing;
  readonly after: Standing;
}

const none: readonly Reservation[] = [];

export class ReservationMap {
  /** By last address, as in `IntervalSet`. */
  readonly #pieces = new SortedTree<bigint, Piece>();

  /** The reservations over an address, by name; O(log n). */
  at(value: bigint): readonly Reservation[] {
    return this.#pieceAt(value)?.reservations ?? none;
  }

  /** To whom an address may be given; O(log n). */
  standing(value: bigint): Standing {
    return this.#pieceAt(value)?.standing ?? open;
  }

  /** Every piece that isn't open to all, in order. */
  pieces(): Iterable<Interval & { readonly standing: Standing }> {
    return this.#pieces.values();
  }

  /** Lays a reservation over a range; O(log n) and a step for each piece in the range. */
  add(reservation: Reservation, range: Interval): StandingChange[] {
    return this.#rewrite(range, (before) =>
      before.includes(reservation) ? before : [...before, reservation].sort(byName),
    );
  }

  /** Takes a reservation off a range; O(log n) and a step for each piece in the range. */
  remove(reservation: Reservation, range: Interval): StandingChange[] {
    return this.#rewrite(range, (before) => before.filter((other) => other !== reservation));
  }

  #pieceAt(value: bigint): Piece | undefined {
    // Most clusters have no reservation at all, and each claim asks.
    if (this.#pieces.size === 0) return undefined;
    const piece = this.#pieces.getPairOrNextHigher(value)?.[1];
    return piece !== undefined && piece.first <= value ? piece : undefined;
  }

  #rewrite(range: Interval, change: (before: readonly Reservation[]) => readonly Reservation[]): StandingChange[] {
    const changes: StandingChange[] = [];
    const result: Piece[] = [];
    for (const piece of this.#cut(range)) {
      const inside = piece.first >= range.first && piece.last <= range.last;
      const reservations = inside ? change(piece.reservations) : piece.reservations;
      const standing = inside ? standingOf(reservations) : piece.standing;
      if (!sameStanding(piece.standing, standing)) {
        changes.push({ first: piece.first, last: piece.last, before: piece.standing, after: standing });
      }
      append(result, { first: piece.first, last: piece.last, reservations, standing });
    }
    for (const piece of result) {
      if (piece.reservations.length > 0) this.#pieces.set(piece.last, piece);
    }
    return changes;
  }

  /** Takes out the pieces that lie in a range or touch it, cut at its ends, with the gaps between them as pieces without reservations. */
  #cut(range: Interval): Piece[] {
    const taken: Piece[] = [];
    for (const piece of this.#pieces.values(range.first - 1n)) {
      if (piece.first > range.last + 1n) break;
      taken.push(piece);
    }
    const parts: Piece[] = [];
    let next = range.first;
    for (const piece of taken) {
      this.#pieces.delete(piece.last);
      if (piece.first < range.first) parts.push({ ...piece, last: lower(piece.last, range.first - 1n) });
      const [first, last] = [higher(piece.first, range.first), lower(piece.last, range.last)];
      if (first <= last) {
        if (next < first) parts.push({ first: next, last: first - 1n, reservations: none, standing: open });
        parts.push({ ...piece, first, last });
        next = last + 1n;
      }
      if (piece.last > range.last) {
        if (next <= range.last) {
          parts.push({ first: next, last: range.last, reservations: none, standing: open });
          next = range.last + 1n;
        }
        parts.push({ ...piece, first: higher(piece.first, range.last + 1n) });
      }
    }
    if (next <= range.last) parts.push({ first: next, last: range.last, reservations: none, standing: open });
    return parts;
  }
}

/** Joins neighbours with the same reservations: ended hold-downs must not leave a wide range in splinters. */
function append(pieces: Piece[], piece: Piece): void {
  const before = pieces.at(-1);
  const joins =
    before !== undefined &&
    before.last + 1n === piece.first &&
    before.reservations.length === piece.reservations.length &&
    before.reservations.every((reservation, index) => reservation === piece.reservations[index]);
  if (joins) pieces[pieces.length - 1] = { ...piece, first: before.first };
  else pieces.push(piece);
}

function byName(a: Reservation, b: Reservation): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
