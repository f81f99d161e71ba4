/** What a Node object alone says about announcing from that node. */
import type { Labels, Node } from '../api/kubernetes.ts';
import { EXCLUDE_FROM_LOAD_BALANCERS } from '../api/names.ts';
import type { Candidate, Standing } from './candidate.ts';

export interface NodeStanding {
  readonly name: string;
  readonly labels: Labels;
  /** Undefined: it may not announce at all. */
  readonly tier: Candidate['tier'] | undefined;
  /** Undefined for a node with nothing against it. */
  readonly reason: Standing | undefined;
}

/**
 * A node that isn't Ready, or is cordoned, stays a last resort: where every
 * node is in that state, some answer is better than silence, and a stopped
 * kubelet says nothing about the data path.
 */
export function nodeStanding(node: Node): NodeStanding {
  const labels = node.metadata.labels ?? {};
  const base = { name: node.metadata.name, labels };
  // The label alone counts, whatever its value (as the service controller of Kubernetes reads it).
  if (Object.hasOwn(labels, EXCLUDE_FROM_LOAD_BALANCERS)) return { ...base, tier: undefined, reason: 'Excluded' };
  if (condition(node, 'NetworkUnavailable') === 'True') {
    return { ...base, tier: undefined, reason: 'NetworkUnavailable' };
  }
  if (condition(node, 'Ready') !== 'True') return { ...base, tier: 2, reason: 'NotReady' };
  if (node.spec?.unschedulable === true) return { ...base, tier: 1, reason: 'Cordoned' };
  return { ...base, tier: 0, reason: undefined };
}

function condition(node: Node, type: string): string | undefined {
  return node.status?.conditions?.find((each) => each.type === type)?.status;
}
