/** What of an object may be written into the audit trail: what people configure, and no secret. */
import { isJsonObject, type JsonObject, ownField } from '../../core/config/fields.ts';

export const REDACTED = '[redacted]';

/** Fields whose text is a secret. A `passwordSecret` names one, and that name is no secret. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['password', 'authpassword']);

/** kubectl's own copy of the whole object, secrets included; what it says is in the object itself. */
const LEFT_OUT_ANNOTATIONS: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

/** Labels, annotations and spec of an object; undefined for no object. Secrets are still in it: see `redact`. */
export function recordable(object: JsonObject | undefined): JsonObject | undefined {
  if (object === undefined) return undefined;
  const metadata = ownField(object, 'metadata');
  const labels = ownField(metadata, 'labels');
  const annotations = ownField(metadata, 'annotations');
  const kept = isJsonObject(annotations)
    ? Object.entries(annotations).filter(([key]) => !LEFT_OUT_ANNOTATIONS.has(key))
    : [];
  return {
    metadata: {
      ...(isJsonObject(labels) ? { labels } : {}),
      ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}),
    },
    spec: ownField(object, 'spec') ?? {},
  };
}

/**
 * A copy of JSON with the text of every secret field replaced.
 *
 * @param path JSON Pointer of the value itself, so that the value of a secret field is known as one.
 */
export function redact(value: unknown, path = ''): unknown {
  const field = path.slice(path.lastIndexOf('/') + 1);
  if (SECRET_FIELDS.has(field.toLowerCase()) && typeof value === 'string') return REDACTED;
  if (Array.isArray(value)) return value.map((each: unknown, index) => redact(each, `${path}/${index}`));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redact(each, `${path}/${key}`)]));
}
