/** Where a Service's endpoints are, for `externalTrafficPolicy: Local`. */
import type { EndpointSlice } from '../api/kubernetes.ts';
import type { Family } from '../net/address.ts';

/**
 * Nodes with an endpoint of the family that can take traffic. As kube-proxy
 * does (KEP-1669): ready endpoints; where there is none on any node, those that are
 * terminating and still serve.
 */
export function nodesWithEndpoints(slices: readonly EndpointSlice[], family: Family): ReadonlySet<string> {
  const ready = new Set<string>();
  const terminating = new Set<string>();
  for (const slice of slices) {
    if (slice.addressType !== family) continue;
    for (const { nodeName, conditions } of slice.endpoints ?? []) {
      if (nodeName === undefined) continue;
      // An absent `ready` means ready (discovery/v1 EndpointConditions).
      if (conditions?.ready ?? true) ready.add(nodeName);
      else if (conditions?.serving === true && conditions.terminating === true) terminating.add(nodeName);
    }
  }
  return ready.size > 0 ? ready : terminating;
}
