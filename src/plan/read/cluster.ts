/** The state of a live cluster, by a handful of list calls; nothing is written. */
import type { KubeObject, Labels, Namespace, Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_POOL, NAMESPACE } from '../../core/api/names.ts';
import type { Family } from '../../core/net/address.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isNotFound } from '../../kube/kube-error.ts';
import * as resources from '../../kube/resources.ts';
import { type ClusterState, configurationOf } from '../cluster-state.ts';

const configurationKinds = [
  resources.ipAddressPools,
  resources.addressPolicies,
  resources.addressReservations,
  resources.l2Advertisements,
  resources.bgpAdvertisements,
  resources.bgpPeers,
  resources.communities,
  resources.bfdProfiles,
];

/**
 * Reads what decides about addresses. A kind that the cluster doesn't serve has no objects.
 *
 * @throws KubeError where the cluster can't be asked.
 */
export async function readCluster(client: KubeClient, namespace: string = NAMESPACE): Promise<ClusterState> {
  const [services, namespaces, nodes, ...configuration] = await Promise.all([
    all<Service>(client, resources.services),
    all<Namespace>(client, resources.namespaces),
    all<KubeObject>(client, resources.nodes),
    ...configurationKinds.map((resource) => all<KubeObject>(client, resource, namespace)),
  ]);
  const keyed = services.map((each): [string, Service] => [keyOf(each), each]);
  const kubernetes = services.find((each) => keyOf(each) === 'default/kubernetes');
  return {
    families: familiesOf(kubernetes),
    complete: true,
    namespaces: new Map(namespaces.map(({ metadata }): [string, Labels] => [metadata.name, metadata.labels ?? {}])),
    configuration: configurationOf(configuration.flat(), nodes),
    appliedLabels: new Map(
      namespaces.map((each): [string, readonly string[]] => [each.metadata.name, appliedLabels(each)]),
    ),
    services: new Map(keyed.filter(([, each]) => isOfInterest(each))),
  };
}

/** A LoadBalancer, or what would become one with families or an assigned pool of its own. */
function isOfInterest({ spec, metadata }: Service): boolean {
  if (spec.type === 'LoadBalancer') return true;
  if (spec.type === 'ExternalName') return false;
  const dual = spec.ipFamilyPolicy !== undefined && spec.ipFamilyPolicy !== 'SingleStack';
  return dual || spec.ipFamilies?.[0] === 'IPv6' || metadata.annotations?.[ASSIGNED_POOL] !== undefined;
}

interface ManagedFields {
  readonly operation?: string;
  readonly fieldsV1?: { readonly 'f:metadata'?: { readonly 'f:labels'?: Readonly<Record<string, unknown>> } };
}

/** Keys of the labels that somebody applied: Flux, or kubectl on the server's side. */
function appliedLabels({ metadata }: Namespace): readonly string[] {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly ManagedFields[] };
  const keys = managedFields
    .filter(({ operation }) => operation === 'Apply')
    .flatMap(({ fieldsV1 }) => Object.keys(fieldsV1?.['f:metadata']?.['f:labels'] ?? {}))
    .filter((key) => key.startsWith('f:'))
    .map((key) => key.slice(2));
  return [...new Set(keys)].sort();
}

/** That Service is single-stack by itself; its family is the cluster's primary one, as for the webhook. */
function familiesOf(kubernetes: Service | undefined): readonly Family[] {
  return kubernetes?.spec.ipFamilies?.[0] === 'IPv6' ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

async function all<T extends KubeObject>(
  client: KubeClient,
  resource: resources.Resource,
  namespace?: string,
): Promise<readonly T[]> {
  const found: T[] = [];
  let next: string | undefined;
  do {
    try {
      const page = await client.list<T>({ resource, namespace }, { query: { limit: 500, continue: next } });
      // Items of a list carry neither kind nor version.
      const head = { apiVersion: resources.apiVersionOf(resource), kind: resource.kind };
      found.push(...page.items.map((item) => ({ ...head, ...item })));
      next = page.metadata.continue || undefined;
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  } while (next !== undefined);
  return found;
}
