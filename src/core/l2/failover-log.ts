/** The last changes of announcer that brought addresses to this node: a bounded record for people who look back. */
import type { Millis } from '../time.ts';
import type { Cause } from './output.ts';

/** All addresses that came from one node for one cause within a moment. */
export interface Failover {
  /** When the first of them was announced here, in ms since 1970. */
  readonly at: Millis;
  readonly from: string;
  readonly to: string;
  readonly cause: Cause;
  /** How long the old announcer had been silent when it was given up; undefined where it wasn't silent. */
  readonly detectedAfterMs: number | undefined;
  /** How long it had been silent when the last of these addresses was answered again. */
  readonly restoredAfterMs: number | undefined;
  readonly count: number;
  /** The first of them. */
  readonly addresses: readonly string[];
}

export const MOST_FAILOVERS = 100;
/** A node's whole share is one failover, not hundreds that push all others out. */
export const GATHER_FAILOVERS_MS = 2_000;
export const MOST_NAMED = 20;

export class FailoverLog {
  #failovers: Failover[];

  /** Goes on from what was remembered, oldest first. */
  constructor(remembered: readonly Failover[] = []) {
    this.#failovers = remembered.slice(-MOST_FAILOVERS);
  }

  /** Oldest first, at most `MOST_FAILOVERS`. */
  get failovers(): readonly Failover[] {
    return this.#failovers;
  }

  /** Notes that one address came from another node. */
  add(came: Omit<Failover, 'count' | 'addresses'> & { readonly address: string }): void {
    const { address, ...one } = came;
    const last = this.#failovers.findLastIndex(({ from, cause }) => from === one.from && cause === one.cause);
    const before = this.#failovers[last];
    if (before === undefined || one.at - before.at >= GATHER_FAILOVERS_MS || one.at < before.at) {
      this.#failovers = [...this.#failovers, { ...one, count: 1, addresses: [address] }].slice(-MOST_FAILOVERS);
      return;
    }
    this.#failovers = this.#failovers.with(last, {
      ...before,
      restoredAfterMs: longer(before.restoredAfterMs, one.restoredAfterMs),
      count: before.count + 1,
      addresses: before.count < MOST_NAMED ? [...before.addresses, address] : before.addresses,
    });
  }
}

function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
