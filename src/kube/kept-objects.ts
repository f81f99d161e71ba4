/** What the controller keeps in memory of each kind, and which changes matter to it. */
import type { KubeObject, Node, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_CONDITION, ALLOCATED_FROM_POOL } from '../core/api/names.ts';

/**
 * Of a Service that asks for no load balancer only what tells whose it was and
 * what of ours is left on it: clusters have many.
 */
export function keepService(service: Service): Service {
  if (service.spec.type === 'LoadBalancer') return service;
  const { name, namespace, uid, resourceVersion, annotations } = service.metadata;
  const pool = annotations?.[ALLOCATED_FROM_POOL];
  const condition = service.status?.conditions?.find(({ type }) => type === ALLOCATED_CONDITION);
  const { type, ipFamilies } = service.spec;
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(pool !== undefined && { annotations: { [ALLOCATED_FROM_POOL]: pool } }),
    },
    spec: { ...(type !== undefined && { type }), ...(ipFamilies !== undefined && { ipFamilies }) },
    ...(condition !== undefined && { status: { conditions: [condition] } }),
  };
}

/** Of a Node its labels and addresses: kubelet writes the rest every few minutes. */
export function keepNode(node: Node): Node {
  const { name, uid, resourceVersion, labels } = node.metadata;
  return {
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(labels !== undefined && { labels }),
    },
    ...(node.status?.addresses !== undefined && { status: { addresses: node.status.addresses } }),
  };
}

/** Of a Namespace its labels. */
export function keepNamespace(namespace: KubeObject): KubeObject {
  const { name, uid, resourceVersion, labels } = namespace.metadata;
  return {
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(labels !== undefined && { labels }),
    },
  };
}

/**
 * Whether two versions of a configuration object differ in what its author
 * wrote. A status, which we write ourselves, is no change.
 */
export function isSameWish(a: KubeObject, b: KubeObject): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.generation === b.metadata.generation &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    isSameJson(a.metadata.labels, b.metadata.labels) &&
    isSameJson(a.metadata.annotations, b.metadata.annotations)
  );
}

/** Whether two versions of a Node differ in what `keepNode` keeps. */
export function isSameNode(a: Node, b: Node): boolean {
  return isSameJson(a.metadata.labels, b.metadata.labels) && isSameJson(a.status, b.status);
}

/** The apiserver writes maps in key order, so equal values are equal text. */
function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
