/** Nodes that may announce an address, and why the others may not. */

export interface Candidate {
  readonly node: string;
  /** 0 goes first; a node of a higher tier serves only where there is none below it. */
  readonly tier: 0 | 1 | 2;
  /** Sum of the weights of `preferredNodeSelectors` that match; higher goes first within a tier. */
  readonly weight: number;
  /** Interfaces that the advertisements allow; empty: every interface of the node. */
  readonly interfaces: readonly string[];
}

/**
 * Why a node isn't a candidate, or only of the last resort:
 * - `Excluded`: it carries the label that keeps it from load balancers;
 * - `NetworkUnavailable`: its network isn't set up;
 * - `NotSelected`: no advertisement of the address selects it;
 * - `NoLocalEndpoint`: the Service wants local endpoints and it has none;
 * - `Cordoned`, `NotReady`: a candidate where no better one is left.
 */
export type Standing = 'Excluded' | 'NetworkUnavailable' | 'NotSelected' | 'NoLocalEndpoint' | 'Cordoned' | 'NotReady';
