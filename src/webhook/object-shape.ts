/** Whether JSON has the shape of a Kubernetes object as far as the webhook itself reads one. */
import type { KubeObject, Service } from '../core/api/kubernetes.ts';
import { isJsonObject, type JsonObject, ownField } from '../core/config/fields.ts';
import { fail, ok, type Result } from '../core/result.ts';

/**
 * Takes JSON as an object with readable metadata, or names the first field of the wrong type.
 * The apiserver sends none such; this is for whoever else reaches the port. Nothing is copied.
 */
export function asObject(object: JsonObject): Result<KubeObject> {
  const metadata = ownField(object, 'metadata');
  if (!isJsonObject(metadata)) return fail('metadata is absent or not an object');
  for (const field of ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp']) {
    if (!isOptionalText(ownField(metadata, field))) return fail(`metadata.${field} is not a string`);
  }
  for (const field of ['labels', 'annotations']) {
    if (!isOptionalTextMap(ownField(metadata, field))) return fail(`metadata.${field} is not a map of strings`);
  }
  return ok(object as unknown as KubeObject);
}

/** Like `asObject`, and with a readable `spec.type` and `spec.loadBalancerClass`; `parseService` judges the rest. */
export function asService(object: JsonObject): Result<Service> {
  const checked = asObject(object);
  if (!checked.ok) return checked;
  const spec = ownField(object, 'spec');
  if (!isJsonObject(spec)) return fail('spec is absent or not an object');
  for (const field of ['type', 'loadBalancerClass']) {
    if (!isOptionalText(ownField(spec, field))) return fail(`spec.${field} is not a string`);
  }
  return ok(object as unknown as Service);
}

/** Go's JSON leaves absent fields out; null means the same. */
function isOptionalText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function isOptionalTextMap(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isJsonObject(value) && Object.values(value).every((entry) => typeof entry === 'string');
}
