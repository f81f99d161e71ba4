/** What the ledger counts, always up to date. */
import type { Family } from '../net/address.ts';

/**
 * The addresses of a pool in one family. Each address is counted once:
 * total = assigned + reserved + held + avoided + available.
 */
export interface FamilyCounts {
  readonly total: bigint;
  /** Held by at least one Service; a shared address counts once. */
  readonly assigned: bigint;
  /** Free, and kept for somebody by a reservation. */
  readonly reserved: bigint;
  /** Free, and kept by a hold-down alone. */
  readonly held: bigint;
  /** Free, and never given automatically because of `avoidBuggyIPs`. */
  readonly avoided: bigint;
  /** Free for anybody. */
  readonly available: bigint;
}

export type Counts = Readonly<Record<Family, FamilyCounts>>;

/** What one namespace holds. An address that several of its Services share counts once. */
export interface Usage {
  /** Services that hold at least one address. */
  readonly services: number;
  readonly addresses: Readonly<Record<Family, number>>;
  /** Addresses of both families by the pool that they lie in now; those outside every pool aren't here. */
  readonly perPool: ReadonlyMap<string, number>;
}

/** The counts of nothing. */
export const noCounts: FamilyCounts = { total: 0n, assigned: 0n, reserved: 0n, held: 0n, avoided: 0n, available: 0n };
