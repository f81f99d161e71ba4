/** Who announces an address: a pure function, so that every node comes to the same answer by itself. */
import type { Address } from '../net/address.ts';
import type { Candidate } from './candidate.ts';
import { hashAddress, hashNode, score } from './rendezvous.ts';

export interface Election {
  readonly address: Address;
  readonly candidates: readonly Candidate[];
  /** The node that announces now; undefined where none is known. */
  readonly present?: string | undefined;
}

/**
 * The candidate that shall announce; undefined where there is none. The
 * present owner keeps the address as long as no candidate of a better tier or
 * a higher weight exists: a node that returns takes nothing back.
 */
export function elect(election: Election): Candidate | undefined {
  const { address, candidates, present } = election;
  let best: Candidate | undefined;
  let bestScore = -1;
  const hashed = hashAddress(address);
  for (const candidate of candidates) {
    const order = best === undefined ? -1 : comparePreference(candidate, best);
    if (order > 0) continue;
    const own = candidate.node === present ? Number.POSITIVE_INFINITY : score(hashNode(candidate.node), hashed);
    if (best === undefined || order < 0 || own > bestScore || (own === bestScore && candidate.node < best.node)) {
      best = candidate;
      bestScore = own;
    }
  }
  return best;
}

function comparePreference(a: Candidate, b: Candidate): number {
  return a.tier - b.tier || b.weight - a.weight;
}
