/** L2Advertisement: which addresses are answered for by ARP and NDP, from which nodes and interfaces. */
import type { Advertisement } from './advertisement.ts';
import type { Selector } from './selector.ts';

export interface L2Advertisement extends Advertisement {
  /** Interfaces that may announce; empty: every interface of the node. */
  readonly interfaces: readonly string[];
  /** Softer than `nodeSelectors`: the weights of all that match a node are added up, the highest sum goes first. */
  readonly preferredNodeSelectors: readonly PreferredNodeSelector[];
  readonly generation: number;
}

export interface PreferredNodeSelector {
  /** 1 to 100. */
  readonly weight: number;
  readonly preference: Selector;
}
