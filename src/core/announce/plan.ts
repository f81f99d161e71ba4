/** What the cluster as a whole should be announcing on Layer 2, read from one snapshot. */
import type { EndpointSlice, Node, Service } from '../api/kubernetes.ts';
import type { Configuration } from '../config/configuration.ts';
import { type Address, compareAddresses, formatAddress, parseAddress } from '../net/address.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Candidate, Standing } from './candidate.ts';
import { nodesWithEndpoints } from './local-endpoints.ts';
import { type NodeStanding, nodeStanding } from './node-standing.ts';
import { poolOfService } from './pool-of-service.ts';
import { coveringAdvertisements, type ServiceFacts, serviceCandidates } from './service-candidates.ts';

export interface ClusterSnapshot {
  readonly services: Iterable<Service>;
  /** By `namespace/name` of the Service; only those of policy Local are asked for. */
  readonly endpointSlices: ReadonlyMap<string, readonly EndpointSlice[]>;
  readonly nodes: Iterable<Node>;
  readonly configuration: Configuration;
  /** The `spec.loadBalancerClass` that is served; undefined: only Services without one. */
  readonly loadBalancerClass: string | undefined;
}

/** One address, whichever Services share it. */
export interface PlannedAddress {
  readonly address: Address;
  /** `namespace/name`, sorted. */
  readonly services: readonly string[];
  readonly pool: string;
  readonly onConflict: 'Defend' | 'Yield' | 'Move';
  /** Sorted by node name. May be empty: then it is silent. */
  readonly candidates: readonly Candidate[];
  readonly standings: ReadonlyMap<string, Standing>;
}

/**
 * Why an address that a Service holds is announced by nobody:
 * - `ForeignClass`: another load balancer's Service;
 * - `NoPool`: no pool of ours gave it;
 * - `NotAdvertised`: no L2Advertisement covers its pool and Service;
 * - `MalformedAddress`: its status holds something that is no address.
 */
export type Omission = 'ForeignClass' | 'NoPool' | 'NotAdvertised' | 'MalformedAddress';

export interface AnnouncementPlan {
  /** By address text, in address order. */
  readonly addresses: ReadonlyMap<string, PlannedAddress>;
  readonly omitted: readonly { readonly service: string; readonly address: string; readonly reason: Omission }[];
}

/** O(services × nodes × advertisements that cover them). */
export function planAnnouncements(snapshot: ClusterSnapshot): AnnouncementPlan {
  const nodes = [...snapshot.nodes].map(nodeStanding).sort((a, b) => (a.name < b.name ? -1 : 1));
  const planned = new Map<string, PlannedAddress>();
  const omitted: { service: string; address: string; reason: Omission }[] = [];
  for (const service of [...snapshot.services].filter(wantsLoadBalancer).sort(byKey)) {
    for (const text of ingressOf(service)) {
      const own = planAddress(service, text, snapshot, nodes);
      if (!own.ok) {
        omitted.push({ service: keyOf(service), address: text, reason: own.error });
        continue;
      }
      const id = formatAddress(own.value.address);
      const others = planned.get(id);
      planned.set(id, others === undefined ? own.value : share(others, own.value));
    }
  }
  const sorted = [...planned].sort(([, a], [, b]) => compareAddresses(a.address, b.address));
  return { addresses: new Map(sorted), omitted };
}

/** One address of one Service by itself, whoever shares it; or why nobody announces it. */
export function planAddress(
  service: Service,
  text: string,
  snapshot: Pick<ClusterSnapshot, 'configuration' | 'endpointSlices' | 'loadBalancerClass'>,
  nodes: readonly NodeStanding[],
): Result<PlannedAddress, Omission> {
  const { pools, l2Advertisements } = snapshot.configuration;
  if ((service.spec.loadBalancerClass || undefined) !== snapshot.loadBalancerClass) return fail('ForeignClass');
  const parsed = parseAddress(text);
  if (!parsed.ok) return fail('MalformedAddress');
  const address = parsed.value;
  const pool = poolOfService(service, address, pools);
  if (pool === undefined) return fail('NoPool');
  const facts: ServiceFacts = {
    pool,
    labels: service.metadata.labels ?? {},
    endpointNodes:
      service.spec.externalTrafficPolicy === 'Local'
        ? nodesWithEndpoints(snapshot.endpointSlices.get(keyOf(service)) ?? [], address.family)
        : undefined,
  };
  const covering = coveringAdvertisements(l2Advertisements, facts);
  if (covering.length === 0) return fail('NotAdvertised');
  return ok({
    address,
    services: [keyOf(service)],
    pool: pool.name,
    onConflict: pools.get(pool.name)?.onConflict ?? 'Defend',
    ...serviceCandidates(covering, facts, nodes),
  });
}

/**
 * Services that share an address share its announcer. A node that serves all
 * of them is best; where there is none, the Service that comes first has its
 * way, so that the address is never silent because of a neighbour.
 */
function share(first: PlannedAddress, second: PlannedAddress): PlannedAddress {
  const common = first.candidates.flatMap((candidate) => {
    const other = second.candidates.find((each) => each.node === candidate.node);
    return other === undefined ? [] : [meet(candidate, other)];
  });
  const chosen = common.length > 0 ? common : first.candidates.length > 0 ? first.candidates : second.candidates;
  return {
    ...first,
    services: [...first.services, ...second.services].sort(),
    candidates: chosen,
    standings: new Map([...second.standings, ...first.standings]),
  };
}

function meet(a: Candidate, b: Candidate): Candidate {
  const interfaces = a.interfaces.length === 0 || b.interfaces.length === 0 ? [] : [...a.interfaces, ...b.interfaces];
  return { ...a, weight: a.weight + b.weight, interfaces: [...new Set(interfaces)].sort() };
}

function wantsLoadBalancer(service: Service): boolean {
  return service.spec.type === 'LoadBalancer' && service.metadata.deletionTimestamp === undefined;
}

/** `ipMode: Proxy` addresses are announced too: only the node's own rules differ. */
function ingressOf(service: Service): readonly string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap((each) => (each.ip ? [each.ip] : []));
}

function keyOf(service: Service): string {
  return `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
}

function byKey(a: Service, b: Service): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
