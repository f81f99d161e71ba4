/** The few reads that confirm a refusal at the apiserver itself. */
import type { KubeObject, Labels, Namespace, Service } from '../core/api/kubernetes.ts';
import type { RawConfiguration } from '../core/config/raw-configuration.ts';
import type { KubeClient, Target } from '../kube/client.ts';
import { isNotFound } from '../kube/kube-error.ts';
import {
  addressPolicies,
  addressReservations,
  bfdProfiles,
  bgpAdvertisements,
  bgpPeers,
  communities,
  ipAddressPools,
  l2Advertisements,
  namespaces,
  type Resource,
  services,
} from '../kube/resources.ts';

export interface LiveReads {
  service(namespace: string, name: string, signal: AbortSignal): Promise<Service | undefined>;
  /** Undefined where the namespace doesn't exist. */
  namespaceLabels(name: string, signal: AbortSignal): Promise<Labels | undefined>;
  /** Every pool's generation. */
  poolGenerations(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  reservationExists(name: string, signal: AbortSignal): Promise<boolean>;
  /** All configuration, with `nodes` taken from what is given. */
  configuration(nodes: readonly KubeObject[], signal: AbortSignal): Promise<RawConfiguration>;
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Reads through a client; `namespace` is Berth's own. */
export function liveReads(client: Pick<KubeClient, 'get' | 'list'>, namespace: string): LiveReads {
  const find = async <T extends KubeObject>(
    target: Target & { name: string },
    signal: AbortSignal,
  ): Promise<T | undefined> => {
    try {
      return await client.get<T>(target, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const list = async (resource: Resource, signal: AbortSignal): Promise<readonly KubeObject[]> =>
    (await client.list({ resource, namespace }, { signal })).items;
  return {
    service: (of, name, signal) => find<Service>({ resource: services, namespace: of, name }, signal),
    async namespaceLabels(name, signal) {
      const found = await find<Namespace>({ resource: namespaces, name }, signal);
      return found && (found.metadata.labels ?? {});
    },
    async poolGenerations(signal) {
      const target = { resource: ipAddressPools, namespace };
      const { items } = await client.list(target, { signal, accept: METADATA_ONLY });
      return new Map(items.map(({ metadata }) => [metadata.name, metadata.generation ?? 0]));
    },
    async reservationExists(name, signal) {
      return (await find({ resource: addressReservations, namespace, name }, signal)) !== undefined;
    },
    async configuration(nodes, signal) {
      const kinds = [
        ipAddressPools,
        addressPolicies,
        addressReservations,
        l2Advertisements,
        bgpAdvertisements,
        bgpPeers,
        communities,
        bfdProfiles,
      ];
      const lists = await Promise.all(kinds.map((resource) => list(resource, signal)));
      const of = (resource: Resource): readonly KubeObject[] => lists[kinds.indexOf(resource)] ?? [];
      return {
        ipAddressPools: of(ipAddressPools),
        addressPolicies: of(addressPolicies),
        addressReservations: of(addressReservations),
        l2Advertisements: of(l2Advertisements),
        bgpAdvertisements: of(bgpAdvertisements),
        bgpPeers: of(bgpPeers),
        communities: of(communities),
        bfdProfiles: of(bfdProfiles),
        nodes,
      };
    },
  };
}
