/** What a speaker keeps in memory of each kind: little, since there is one on every node. */
import type { EndpointSlice, KubeObject, Node, ObjectMeta, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_FROM_POOL, ALLOCATED_FROM_POOL_LEGACY } from '../core/api/names.ts';

export const SERVICE_OF_SLICE = 'kubernetes.io/service-name';

/** Of configuration what its author wrote: a pool's status changes with each address that is given. */
export function keepWish(object: KubeObject): KubeObject {
  const { labels, annotations, generation, creationTimestamp } = object.metadata;
  return {
    metadata: {
      ...identity(object.metadata),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(generation !== undefined && { generation }),
      // The elder of two objects in dispute prevails.
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    ...('spec' in object && { spec: object.spec }),
  };
}

export function keepService(service: Service): Service {
  const { metadata, spec, status } = service;
  const pool = metadata.annotations?.[ALLOCATED_FROM_POOL] ?? metadata.annotations?.[ALLOCATED_FROM_POOL_LEGACY];
  return {
    metadata: {
      ...identity(metadata),
      ...(metadata.labels !== undefined && { labels: metadata.labels }),
      ...(pool !== undefined && { annotations: { [ALLOCATED_FROM_POOL]: pool } }),
    },
    spec: {
      ...(spec.type !== undefined && { type: spec.type }),
      ...(spec.loadBalancerClass !== undefined && { loadBalancerClass: spec.loadBalancerClass }),
      ...(spec.externalTrafficPolicy !== undefined && { externalTrafficPolicy: spec.externalTrafficPolicy }),
    },
    ...(status?.loadBalancer !== undefined && { status: { loadBalancer: status.loadBalancer } }),
  };
}

export function keepNode(node: Node): Node {
  const { metadata, spec, status } = node;
  return {
    metadata: { ...identity(metadata), ...(metadata.labels !== undefined && { labels: metadata.labels }) },
    spec: { unschedulable: spec?.unschedulable ?? false },
    status: {
      conditions: (status?.conditions ?? [])
        .filter(({ type }) => type === 'Ready' || type === 'NetworkUnavailable')
        .map(({ type, status }) => ({ type, status })),
      addresses: status?.addresses ?? [],
    },
  };
}

/** Of endpoints only on which nodes they are, each state of a node once. */
export function keepSlice(slice: EndpointSlice): EndpointSlice {
  const service = slice.metadata.labels?.[SERVICE_OF_SLICE];
  const states = new Map<string, NonNullable<EndpointSlice['endpoints']>[number]>();
  for (const { nodeName, conditions } of slice.endpoints ?? []) {
    if (nodeName === undefined) continue;
    const { ready = true, serving = ready, terminating = false } = conditions ?? {};
    const state = { ready, serving, terminating };
    states.set(`${nodeName}/${ready}/${serving}/${terminating}`, { addresses: [], nodeName, conditions: state });
  }
  return {
    metadata: {
      ...identity(slice.metadata),
      ...(service !== undefined && { labels: { [SERVICE_OF_SLICE]: service } }),
    },
    addressType: slice.addressType,
    endpoints: [...states.values()],
  };
}

/** Whether two kept versions say the same: most updates only renew a heartbeat. */
export function isSame(a: object, b: object): boolean {
  return JSON.stringify(withoutVersion(a)) === JSON.stringify(withoutVersion(b));
}

function withoutVersion(object: object): object {
  const { metadata, ...rest } = object as { metadata: ObjectMeta };
  const { resourceVersion: _, ...others } = metadata;
  return { metadata: others, ...rest };
}

function identity({ name, namespace, uid, resourceVersion, deletionTimestamp }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  };
}
