/** Who watches whom: each speaker sends its heartbeats to a bounded number of others, however many there are. */
import { hashNode } from '../announce/rendezvous.ts';

/** Watchers of each node: enough that one that died with it, or lost a datagram, makes no difference. */
export const WATCHERS = 3;

/** Names in ring order, the same on every node. */
export function ringOf(names: Iterable<string>): readonly string[] {
  const hashed = [...names].map((name) => ({ name, hash: hashNode(name) }));
  return hashed.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1)).map((each) => each.name);
}

/** The nodes after a node: those that watch it. All others where the ring is small; empty for a node that isn't in it. */
export function watchersOf(ring: readonly string[], node: string): readonly string[] {
  const at = ring.indexOf(node);
  if (at < 0) return [];
  const count = Math.min(WATCHERS, ring.length - 1);
  return Array.from({ length: count }, (_, step) => ring[(at + step + 1) % ring.length] ?? '');
}

/** The nodes before a node: those that it watches. */
export function watchedBy(ring: readonly string[], node: string): readonly string[] {
  return watchersOf([...ring].reverse(), node);
}
