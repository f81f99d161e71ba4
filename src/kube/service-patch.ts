/** The one write that brings a Service's status to what was decided; nothing where it is so already. */
import type { Condition, LoadBalancerIngress, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_FROM_POOL, UNANNOUNCED } from '../core/api/names.ts';

/** `undefined`: leave it as it is; `null`: take it away. */
export interface DesiredStatus {
  /** Addresses in order; an empty list publishes that the Service has none. */
  readonly ingress?: readonly string[] | undefined;
  /** The pool in `metallb.io/ip-allocated-from-pool`. */
  readonly pool?: string | null | undefined;
  /** Addresses in `berth.dev/unannounced`; an empty list takes it away. */
  readonly unannounced?: readonly string[] | undefined;
  readonly condition?: Pick<Condition, 'type' | 'status' | 'reason' | 'message'> | null | undefined;
}

/**
 * A strategic merge patch for `services/status`, which takes annotations as
 * well; undefined where nothing would change. It holds only against the very
 * version that was read: uid and resourceVersion are preconditions.
 *
 * @param conditionType of the condition that is ours.
 * @param now RFC 3339, for lastTransitionTime.
 */
export function servicePatch(
  service: Service,
  desired: DesiredStatus,
  conditionType: string,
  now: string,
): Record<string, unknown> | undefined {
  const annotations = annotationPatch(service, desired);
  const loadBalancer = ingressPatch(service, desired.ingress);
  const conditions = conditionPatch(service, desired.condition, conditionType, now);
  if (annotations === undefined && loadBalancer === undefined && conditions === undefined) return undefined;
  const { uid, resourceVersion } = service.metadata;
  const status = { ...loadBalancer, ...conditions };
  return {
    metadata: { uid, resourceVersion, ...annotations },
    ...(Object.keys(status).length > 0 && { status }),
  };
}

function annotationPatch(
  { metadata: { annotations: present = {} } }: Service,
  { pool, unannounced }: DesiredStatus,
): { annotations: Record<string, string | null> } | undefined {
  const wanted = { [ALLOCATED_FROM_POOL]: pool, [UNANNOUNCED]: unannounced && (unannounced.join() || null) };
  const changed = Object.entries(wanted).filter(
    (entry): entry is [string, string | null] => entry[1] !== undefined && entry[1] !== (present[entry[0]] ?? null),
  );
  return changed.length === 0 ? undefined : { annotations: Object.fromEntries(changed) };
}

function ingressPatch(
  service: Service,
  wanted: readonly string[] | undefined,
): { loadBalancer: { ingress: readonly LoadBalancerIngress[] } } | undefined {
  if (wanted === undefined) return undefined;
  const present = service.status?.loadBalancer?.ingress ?? [];
  const same =
    present.length === wanted.length && present.every((each, index) => isSameIngress(each, wanted[index] ?? ''));
  if (same) return undefined;
  // ipMode as the apiserver would default it, so that what is read back equals what was written.
  return { loadBalancer: { ingress: wanted.map((ip) => ({ ip, ipMode: 'VIP' })) } };
}

/** An older apiserver, or another writer, may have left ipMode out: it means VIP all the same. */
function isSameIngress(present: LoadBalancerIngress, ip: string): boolean {
  return present.ip === ip && present.hostname === undefined && (present.ipMode ?? 'VIP') === 'VIP';
}

function conditionPatch(
  service: Service,
  wanted: DesiredStatus['condition'],
  type: string,
  now: string,
): { conditions: readonly Record<string, unknown>[] } | undefined {
  if (wanted === undefined) return undefined;
  const present = service.status?.conditions?.find((each) => each.type === type);
  if (wanted === null) return present === undefined ? undefined : { conditions: [{ $patch: 'delete', type }] };
  const { status, reason, message } = wanted;
  if (present?.status === status && present.reason === reason && present.message === message) return undefined;
  const lastTransitionTime = present?.status === status ? (present.lastTransitionTime ?? now) : now;
  return { conditions: [{ type, status, reason, message, lastTransitionTime }] };
}
