/**
 * BGPPeer in its two versions. v1beta2 is stored; v1beta1 is still served and
 * lacks newer fields. What it can't say travels in an annotation, so that a
 * client of v1beta1 that reads, edits and writes back loses nothing.
 *
 *     v1beta1                        v1beta2
 *     the fields both have     <->   the same
 *     annotation KEPT_FIELDS   <->   the fields that v1beta1 lacks
 */
import { fail, ok, type Result } from '../result.ts';

export const BGP_PEER_V1BETA1 = 'metallb.io/v1beta1';
export const BGP_PEER_V1BETA2 = 'metallb.io/v1beta2';

/** Annotation of a v1beta1 BGPPeer: JSON of the v1beta2 fields that v1beta1 lacks. */
export const KEPT_FIELDS = 'berth.dev/bgppeer-v1beta2-fields';

const BOTH_HAVE = new Set([
  'myASN',
  'peerASN',
  'peerAddress',
  'sourceAddress',
  'peerPort',
  'holdTime',
  'keepaliveTime',
  'routerID',
  'nodeSelectors',
  'password',
  'bfdProfile',
  'ebgpMultiHop',
]);

type Json = Readonly<Record<string, unknown>>;

/**
 * Converts a BGPPeer to the version asked for; one that has it already comes
 * back as it is. Fails with a message where the version is unknown or the
 * annotation isn't what this function wrote.
 */
export function convertBgpPeer(object: unknown, desiredVersion: string): Result<unknown> {
  if (!isJson(object)) return fail('the object to convert is no JSON object');
  const from = object.apiVersion;
  if (from === desiredVersion) return ok(object);
  if (from === BGP_PEER_V1BETA2 && desiredVersion === BGP_PEER_V1BETA1) return ok(toV1Beta1(object));
  if (from === BGP_PEER_V1BETA1 && desiredVersion === BGP_PEER_V1BETA2) return toV1Beta2(object);
  return fail(`a BGPPeer can't be converted from ${String(from)} to ${desiredVersion}`);
}

/** The object in v1beta2 where that can be made, else as it is: for readers who report what is wrong by field. */
export function toStorageVersion(object: unknown): unknown {
  const converted = convertBgpPeer(object, BGP_PEER_V1BETA2);
  return converted.ok ? converted.value : object;
}

function toV1Beta1(object: Json): Json {
  const spec = isJson(object.spec) ? object.spec : {};
  const entries = Object.entries(spec);
  const kept = entries.filter(([key]) => !BOTH_HAVE.has(key));
  const common = Object.fromEntries(entries.filter(([key]) => BOTH_HAVE.has(key)));
  // v1beta1 requires an address; an unnumbered peer has none to give.
  const filled = { ...common, peerASN: common.peerASN ?? 0, peerAddress: common.peerAddress ?? '' };
  const converted = { ...object, apiVersion: BGP_PEER_V1BETA1, spec: filled };
  return withAnnotation(
    converted,
    KEPT_FIELDS,
    kept.length === 0 ? undefined : JSON.stringify(Object.fromEntries(kept)),
  );
}

function toV1Beta2(object: Json): Result<Json> {
  const kept = readKept(object);
  if (!kept.ok) return kept;
  const entries = Object.entries(isJson(object.spec) ? object.spec : {});
  // Empty is how v1beta1 says "none", where v1beta2 leaves the field out.
  const common = entries.filter(([key, value]) => BOTH_HAVE.has(key) && !isNone(key, value));
  const others = entries.filter(([key]) => !BOTH_HAVE.has(key));
  const spec = { ...kept.value, ...Object.fromEntries([...others, ...common]) };
  return ok({ ...withAnnotation(object, KEPT_FIELDS, undefined), apiVersion: BGP_PEER_V1BETA2, spec });
}

function isNone(key: string, value: unknown): boolean {
  return value === '' || (value === 0 && (key === 'peerASN' || key === 'peerPort'));
}

function readKept(object: Json): Result<Json> {
  const annotations = annotationsOf(object);
  const text = Object.hasOwn(annotations, KEPT_FIELDS) ? annotations[KEPT_FIELDS] : undefined;
  if (text === undefined) return ok({});
  const broken = fail(`annotation ${KEPT_FIELDS} isn't the JSON object that Berth wrote; remove it or restore it`);
  if (typeof text !== 'string') return broken;
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? ok(value) : broken;
  } catch (error) {
    if (error instanceof SyntaxError) return broken;
    throw error;
  }
}

function withAnnotation(object: Json, key: string, value: string | undefined): Json {
  const metadata = isJson(object.metadata) ? object.metadata : {};
  const others = Object.entries(annotationsOf(object)).filter(([each]) => each !== key);
  if (value === undefined && others.length === Object.keys(annotationsOf(object)).length) return object;
  const annotations = Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
  return { ...object, metadata: { ...metadata, annotations } };
}

function annotationsOf(object: Json): Json {
  const metadata = isJson(object.metadata) ? object.metadata : {};
  return isJson(metadata.annotations) ? metadata.annotations : {};
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
