/** Which nodes may announce one address of one Service. */
import type { Labels } from '../api/kubernetes.ts';
import { advertisesFromNode, advertisesPool, advertisesService } from '../config/advertisement.ts';
import type { L2Advertisement } from '../config/l2-advertisement.ts';
import { matches } from '../config/selector.ts';
import type { Candidate, Standing } from './candidate.ts';
import type { NodeStanding } from './node-standing.ts';

export interface ServiceFacts {
  readonly pool: { readonly name: string; readonly labels: Labels };
  readonly labels: Labels | undefined;
  /** Nodes with local endpoints; undefined where any node will do (policy Cluster). */
  readonly endpointNodes: ReadonlySet<string> | undefined;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Nodes that are none, or only of the last resort, each with its reason. */
  readonly standings: ReadonlyMap<string, Standing>;
}

/** The advertisements that cover a Service; empty: it is announced by nobody on Layer 2. */
export function coveringAdvertisements(
  advertisements: readonly L2Advertisement[],
  service: ServiceFacts,
): readonly L2Advertisement[] {
  return advertisements.filter((each) => advertisesPool(each, service.pool) && advertisesService(each, service.labels));
}

/** Candidates in the order of `nodes`. */
export function serviceCandidates(
  covering: readonly L2Advertisement[],
  service: ServiceFacts,
  nodes: readonly NodeStanding[],
): Candidates {
  const candidates: Candidate[] = [];
  const standings = new Map<string, Standing>();
  for (const node of nodes) {
    if (node.reason !== undefined) standings.set(node.name, node.reason);
    if (node.tier === undefined) continue;
    const selecting = covering.filter((each) => advertisesFromNode(each, node.labels));
    if (selecting.length === 0) standings.set(node.name, 'NotSelected');
    else if (service.endpointNodes?.has(node.name) === false) standings.set(node.name, 'NoLocalEndpoint');
    else {
      candidates.push({
        node: node.name,
        tier: node.tier,
        weight: preference(selecting, node.labels),
        interfaces: allowedInterfaces(selecting),
      });
    }
  }
  return { candidates, standings };
}

function preference(selecting: readonly L2Advertisement[], labels: Labels): number {
  const preferred = selecting.flatMap((each) => each.preferredNodeSelectors);
  return preferred.reduce((sum, each) => sum + (matches(each.preference, labels) ? each.weight : 0), 0);
}

/** An advertisement that names no interface allows every one, whatever the others name. */
function allowedInterfaces(selecting: readonly L2Advertisement[]): readonly string[] {
  if (selecting.some((each) => each.interfaces.length === 0)) return [];
  return [...new Set(selecting.flatMap((each) => each.interfaces))].sort();
}
