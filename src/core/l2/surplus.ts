/** Evens shares out after a start, when the first speaker up has taken everything. */
import type { Candidate } from '../announce/candidate.ts';
import { elect } from '../announce/election.ts';
import type { Address } from '../net/address.ts';

interface Owned {
  readonly address: Address;
  /** Those that could announce it now. */
  readonly candidates: readonly Candidate[];
  readonly owner: string | undefined;
}

/** Below twice its share a node keeps what it has: a node that returns takes nothing back. */
const FAR_TOO_MANY = 2;
/** Moved at once; the rest follows a moment later. */
const MOST_MOVES = 32;

/**
 * What a node shall give away, and to whom: nothing unless it owns twice its
 * share or more, else what rendezvous hashing would have placed elsewhere,
 * until it has its share. `at` is the place in `all`. Only the owner decides
 * this, so no two nodes can differ about it.
 */
export function chooseSurplus(
  node: string,
  all: readonly Owned[],
): readonly { readonly at: number; readonly to: string }[] {
  const shared = all.filter((each) => each.candidates.some((candidate) => candidate.node === node));
  const own = shared.filter((each) => each.owner === node).length;
  const share = shared.reduce((sum, each) => sum + 1 / each.candidates.length, 0);
  if (own < 2 || own < FAR_TOO_MANY * share) return [];
  const moves: { at: number; to: string }[] = [];
  for (const [at, { address, candidates, owner }] of all.entries()) {
    if (moves.length >= MOST_MOVES || own - moves.length <= Math.ceil(share)) break;
    const to = owner === node ? elect({ address, candidates })?.node : undefined;
    if (to !== undefined && to !== node) moves.push({ at, to });
  }
  return moves;
}
