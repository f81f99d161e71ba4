/**
 * The free addresses of one pool in one family, sorted by whom they may be
 * given to. Each free address that can be given automatically is in exactly
 * one set: the open one, or that of the owner it is kept for.
 */
import { invariant } from '../invariant.ts';
import { type Interval, IntervalSet } from '../net/interval-set.ts';
import type { FamilyCounts } from './counts.ts';
import type { Positions } from './positions.ts';
import { stableHash } from './stable-hash.ts';
import type { Standing } from './standing.ts';

interface Span extends Interval {
  /** Positions of the pool before this span. */
  readonly before: bigint;
}

export class FreeAddresses {
  readonly #positions: Positions;
  readonly #open = new IntervalSet();
  readonly #kept = new Map<string, IntervalSet>();
  /** The pool's positions, used or not: the ground that the stable hash falls on. */
  readonly #spans: readonly Span[];
  readonly #positionCount: bigint;
  #total = 0n;
  #assigned = 0n;
  #avoided = 0n;
  #reserved = 0n;
  #held = 0n;

  /** Begins with all of `ranges` (in order, disjoint) free and open. */
  constructor(ranges: readonly Interval[], positions: Positions) {
    this.#positions = positions;
    const spans: Span[] = [];
    let before = 0n;
    for (const range of ranges) {
      const [first, last] = [positions.atOrAbove(range.first), positions.atOrBelow(range.last)];
      const size = this.#open.add(first, last);
      if (size > 0n) spans.push({ first, last, before });
      before += size;
      this.#total += range.last - range.first + 1n;
    }
    this.#spans = spans;
    this.#positionCount = before;
    this.#avoided = this.#total - before;
  }

  /** Takes a free address of the given standing; O(log n). */
  take(value: bigint, standing: Standing): void {
    this.#assigned += 1n;
    const position = this.#positions.of(value);
    if (position === undefined) this.#avoided -= 1n;
    else invariant(this.#remove(position, position, standing) === 1n, 'an address that is taken was free');
  }

  /** Gives an address back under the given standing; O(log n). */
  give(value: bigint, standing: Standing): void {
    this.#assigned -= 1n;
    const position = this.#positions.of(value);
    if (position === undefined) this.#avoided += 1n;
    else invariant(this.#add(position, position, standing) === 1n, 'an address that is given back was taken');
  }

  /** Moves what is free from `first` to `last` to another standing; O(log n) for each free stretch. */
  move(first: bigint, last: bigint, before: Standing, after: Standing): void {
    const [low, high] = [this.#positions.atOrAbove(first), this.#positions.atOrBelow(last)];
    const source = before.kind === 'open' ? this.#open : this.#keptFor(before.owner);
    const stretches = source === undefined ? [] : [...source.intervals(low, high)];
    for (const stretch of stretches) {
      this.#remove(stretch.first, stretch.last, before);
      this.#add(stretch.first, stretch.last, after);
    }
  }

  /** Tells whether a free address is kept for exactly this owner; O(1). */
  keepsFor(owner: string): boolean {
    return this.#keptFor(owner) !== undefined;
  }

  /**
   * The next free address that is kept for `owner`, or with undefined that is
   * open. The lowest one, or with `text` the first from the place that its
   * hash names, going round. O(log n).
   */
  next(owner: string | undefined, text?: string): bigint | undefined {
    const set = owner === undefined ? this.#open : this.#keptFor(owner);
    if (set === undefined) return undefined;
    const place = text === undefined ? undefined : this.#place(text);
    const position = (place === undefined ? undefined : set.firstAtOrAfter(place)) ?? set.first();
    return position === undefined ? undefined : this.#positions.at(position);
  }

  /** The address that the hash of `text` names, free or not; undefined where the pool gives none automatically. */
  firstChoice(text: string): bigint | undefined {
    const place = this.#place(text);
    return place === undefined ? undefined : this.#positions.at(place);
  }

  /** O(1). */
  counts(): FamilyCounts {
    return {
      total: this.#total,
      assigned: this.#assigned,
      reserved: this.#reserved,
      held: this.#held,
      avoided: this.#avoided,
      available: this.#open.size,
    };
  }

  #place(text: string): bigint | undefined {
    if (this.#positionCount === 0n) return undefined;
    const rank = stableHash(text, this.#positionCount);
    const span = this.#spans[lastAtOrBelow(this.#spans, rank)];
    invariant(span !== undefined, 'a rank below the number of positions lies in a span');
    return span.first + (rank - span.before);
  }

  #keptFor(owner: string): IntervalSet | undefined {
    // Most pools have no reservation, and looking up a name that was just put together means hashing it.
    return this.#kept.size === 0 ? undefined : this.#kept.get(owner);
  }

  #add(first: bigint, last: bigint, standing: Standing): bigint {
    if (standing.kind === 'open') return this.#open.add(first, last);
    let set = this.#kept.get(standing.owner);
    if (set === undefined) {
      set = new IntervalSet();
      this.#kept.set(standing.owner, set);
    }
    const added = set.add(first, last);
    this.#count(standing.kind, added);
    return added;
  }

  #remove(first: bigint, last: bigint, standing: Standing): bigint {
    if (standing.kind === 'open') return this.#open.remove(first, last);
    const set = this.#kept.get(standing.owner);
    const removed = set === undefined ? 0n : set.remove(first, last);
    if (set?.size === 0n) this.#kept.delete(standing.owner);
    this.#count(standing.kind, -removed);
    return removed;
  }

  #count(kind: 'reserved' | 'held', change: bigint): void {
    if (kind === 'reserved') this.#reserved += change;
    else this.#held += change;
  }
}

/** Index of the last span that begins at or below a rank. */
function lastAtOrBelow(spans: readonly Span[], rank: bigint): number {
  let [low, high] = [0, spans.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((spans[middle]?.before ?? 0n) <= rank) low = middle;
    else high = middle - 1;
  }
  return low;
}
