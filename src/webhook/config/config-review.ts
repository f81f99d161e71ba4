/** The configuration object of a review. */
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { BERTH_GROUP, METALLB_GROUP } from '../../core/api/names.ts';
import type { JsonObject } from '../../core/config/fields.ts';
import { type ConfigKind, isConfigKind } from '../../core/config/kinds.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { asObject } from '../object-shape.ts';
import { Unanswerable } from '../review-handler.ts';

export interface ConfigReview {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Undefined for a DELETE. */
  readonly object: KubeObject | undefined;
  /** Undefined for a CREATE. */
  readonly old: KubeObject | undefined;
}

/** BGPPeer is judged in its stored version; the apiserver converts older ones before it asks. */
const VERSIONS: Readonly<Record<string, string>> = { [METALLB_GROUP]: 'v1beta1', [BERTH_GROUP]: 'v1alpha1' };
const BERTH_KINDS: ReadonlySet<ConfigKind> = new Set<ConfigKind>(['AddressPolicy', 'AddressReservation']);

/**
 * Reads the object; undefined for what is never judged: subresources, and objects on their way out.
 *
 * @throws Unanswerable where the kind is none of Berth's, or an object has no readable metadata.
 */
export function readConfigReview(request: AdmissionRequest): ConfigReview | undefined {
  const { group, version, kind, operation } = request;
  if (!isConfigKind(kind) || group !== groupOf(kind) || version !== versionOf(kind)) {
    throw new Unanswerable(422, 'this path answers for the configuration kinds of metallb.io and berth.dev only');
  }
  if (operation === 'CONNECT' || request.subResource !== '') return undefined;
  const object = read(request.object, 'object');
  const old = read(request.oldObject, 'oldObject');
  if (object?.metadata.deletionTimestamp) return undefined;
  return { kind, name: request.name || (object?.metadata.name ?? ''), operation, object, old };
}

function groupOf(kind: ConfigKind): string {
  return BERTH_KINDS.has(kind) ? BERTH_GROUP : METALLB_GROUP;
}

function versionOf(kind: ConfigKind): string | undefined {
  return kind === 'BGPPeer' ? 'v1beta2' : VERSIONS[groupOf(kind)];
}

function read(object: JsonObject | undefined, field: string): KubeObject | undefined {
  if (object === undefined) return undefined;
  const checked = asObject(object);
  if (!checked.ok) throw new Unanswerable(422, `request.${field} is not an object of Kubernetes: ${checked.error}`);
  return checked.value;
}
