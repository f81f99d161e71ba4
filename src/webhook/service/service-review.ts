/** The Services of a review: what was sent, seen as Berth sees Services. */
import type { Service } from '../../core/api/kubernetes.ts';
import type { JsonObject } from '../../core/config/fields.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { asService } from '../object-shape.ts';
import { Unanswerable } from '../review-handler.ts';

export interface ServiceReview {
  readonly service: Service;
  /** Undefined for a CREATE. */
  readonly old: Service | undefined;
}

/**
 * Reads the Service of a CREATE or UPDATE; undefined for what is never judged: deletes, subresources (the status
 * above all) and Services that are on their way out.
 *
 * @throws Unanswerable where the review is about another kind, or an object isn't a Service.
 */
export function readServiceReview(request: AdmissionRequest): ServiceReview | undefined {
  const { group, version, kind, operation } = request;
  if (group !== '' || version !== 'v1' || kind !== 'Service') {
    throw new Unanswerable(422, 'this path answers for v1 Service only');
  }
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || request.subResource !== '') return undefined;
  const service = read(request.object, 'object', request.namespace);
  if (service === undefined || service.metadata.deletionTimestamp) return undefined;
  return { service, old: read(request.oldObject, 'oldObject', request.namespace) };
}

function read(object: JsonObject | undefined, field: string, namespace: string): Service | undefined {
  if (object === undefined) return undefined;
  const checked = asService(object);
  if (!checked.ok) throw new Unanswerable(422, `request.${field} is not a Service: ${checked.error}`);
  const service = checked.value;
  // The request's namespace is the one that the author was authorised for.
  return service.metadata.namespace === namespace
    ? service
    : { ...service, metadata: { ...service.metadata, namespace } };
}
