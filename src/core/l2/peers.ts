/** What the engine knows of the other speakers. */
import type { Candidate } from '../announce/candidate.ts';
import type { Mac } from '../net/mac.ts';
import type { Millis } from '../time.ts';
import { isOutward } from './link.ts';

export interface Peers {
  /** Whether this speaker has listened long enough to know who announces what. */
  readonly isJoined: boolean;
  /** Nodes whose speaker lives, this one included. */
  readonly alive: ReadonlySet<string>;
  /** Since when nobody came or went. */
  readonly stableSince: Millis;
  /** Interfaces of a peer that can announce. */
  linksOf(node: string): readonly { readonly name: string; readonly mac: Mac }[];
  /** Hardware addresses of every other speaker, dead ones too: silence makes no strangers of them. */
  readonly macs: readonly Mac[];
  /** When a node that doesn't live was last heard; undefined where it never was. */
  lastHeard(node: string): Millis | undefined;
  /** Whether it said goodbye. */
  hasLeft(node: string): boolean;
}

/** Whether a node with these interfaces up could announce as this candidate. */
export function hasInterface(candidate: Candidate, links: readonly { readonly name: string }[]): boolean {
  const { interfaces } = candidate;
  return links.some((each) => (interfaces.length === 0 ? isOutward(each.name) : interfaces.includes(each.name)));
}
