/** What the controller keeps in memory of each kind, and which changes matter to it. */
import type { KubeObject, Node, ObjectMeta, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_CONDITION, ALLOCATED_FROM_POOL, ANNOUNCED_CONDITION, UNANNOUNCED } from '../core/api/names.ts';

/**
 * Of a Service that asks for a load balancer what decisions read; of any other,
 * of which clusters have many, only what tells whose it was and what of ours is
 * left on it.
 */
export function keepService(service: Service): Service {
  const { metadata, spec, status } = service;
  if (spec.type !== 'LoadBalancer') return keepOtherService(service);
  return {
    metadata: defined({
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      creationTimestamp: metadata.creationTimestamp,
      deletionTimestamp: metadata.deletionTimestamp,
      labels: metadata.labels,
      annotations: metadata.annotations,
    }),
    spec: defined({
      type: spec.type,
      ports: spec.ports?.map(({ protocol, port }) => defined({ protocol, port })),
      selector: spec.selector,
      ipFamilies: spec.ipFamilies,
      ipFamilyPolicy: spec.ipFamilyPolicy,
      loadBalancerIP: spec.loadBalancerIP,
      loadBalancerClass: spec.loadBalancerClass,
      externalTrafficPolicy: spec.externalTrafficPolicy,
    }),
    ...(status !== undefined && { status }),
  };
}

const OWN_ANNOTATIONS: readonly string[] = [ALLOCATED_FROM_POOL, UNANNOUNCED];

function keepOtherService({ metadata, spec, status }: Service): Service {
  const own = Object.entries(metadata.annotations ?? {}).filter(([key]) => OWN_ANNOTATIONS.includes(key));
  const conditions = status?.conditions?.filter(
    ({ type }) => type === ALLOCATED_CONDITION || type === ANNOUNCED_CONDITION,
  );
  return {
    metadata: defined({
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      annotations: own.length === 0 ? undefined : Object.fromEntries(own),
    }),
    spec: defined({ type: spec.type, ipFamilies: spec.ipFamilies }),
    ...(conditions !== undefined && conditions.length > 0 && { status: { conditions } }),
  };
}

/** Of a Node its labels and addresses: kubelet writes the rest every few minutes. */
export function keepNode({ metadata, status }: Node): Node {
  return { metadata: labelled(metadata), ...(status?.addresses && { status: { addresses: status.addresses } }) };
}

/** Of a Namespace its labels. */
export function keepNamespace({ metadata }: KubeObject): KubeObject {
  return { metadata: labelled(metadata) };
}

function labelled({ name, uid, resourceVersion, labels }: ObjectMeta): ObjectMeta {
  return defined({ name, uid, resourceVersion, labels });
}

/** The same without what is undefined. Built anew: a `delete` would turn each object into a hash table. */
function defined<T extends object>(object: T): Defined<T> {
  const copy: Partial<T> = {};
  for (const key of Object.keys(object) as (keyof T)[]) if (object[key] !== undefined) copy[key] = object[key];
  return copy as unknown as Defined<T>;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

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
