/**
 * AdmissionReview, version admission.k8s.io/v1: what the apiserver asks and
 * what it is answered. Parsed strictly, since whoever reaches the port may
 * send anything.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
 */
import { isJsonObject, type JsonObject, ownField } from '../core/config/fields.ts';
import { showValue } from '../core/config/show.ts';
import { fail, ok, type Result } from '../core/result.ts';

export const REVIEW_VERSION = 'admission.k8s.io/v1';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionRequest {
  readonly uid: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The subresource asked for, as in `services/status`; '' for the object itself. */
  readonly subResource: string;
  readonly operation: Operation;
  /** '' for a create that leaves the name to the apiserver. */
  readonly name: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  /** Undefined for DELETE. */
  readonly object: JsonObject | undefined;
  /** Undefined for CREATE. */
  readonly oldObject: JsonObject | undefined;
}

/** What is wrong with a body, and the HTTP status that says so. */
export interface Malformed {
  readonly status: 400 | 422;
  readonly reason: string;
}

/** Reads an AdmissionReview; every fault of the body is named. */
export function parseAdmissionReview(body: unknown): Result<AdmissionRequest, Malformed> {
  if (!isJsonObject(body)) return malformed('the body is not a JSON object');
  const apiVersion = ownField(body, 'apiVersion');
  const kind = ownField(body, 'kind');
  if (kind !== 'AdmissionReview') return malformed(`kind is ${shown(kind)}, wanted "AdmissionReview"`);
  if (apiVersion !== REVIEW_VERSION) return malformed(`apiVersion is ${shown(apiVersion)}, wanted "${REVIEW_VERSION}"`);
  const request = ownField(body, 'request');
  if (!isJsonObject(request)) return malformed('request is absent or not an object');
  return parseRequest(request);
}

function parseRequest(request: JsonObject): Result<AdmissionRequest, Malformed> {
  const uid = ownField(request, 'uid');
  if (typeof uid !== 'string' || uid === '') return malformed('request.uid is absent or not a string');
  const of = ownField(request, 'kind');
  if (!isJsonObject(of)) return malformed('request.kind is absent or not an object');
  const [group, version, kind] = [ownField(of, 'group') ?? '', ownField(of, 'version'), ownField(of, 'kind')];
  if (typeof group !== 'string' || typeof version !== 'string' || typeof kind !== 'string') {
    return malformed('request.kind needs group, version and kind as strings');
  }
  const operation = ownField(request, 'operation');
  if (operation !== 'CREATE' && operation !== 'UPDATE' && operation !== 'DELETE' && operation !== 'CONNECT') {
    return malformed(`request.operation is ${shown(operation)}, wanted CREATE, UPDATE, DELETE or CONNECT`);
  }
  const texts = { name: '', namespace: '', subResource: '' };
  for (const field of ['name', 'namespace', 'subResource'] as const) {
    const value = ownField(request, field) ?? '';
    if (typeof value !== 'string') return malformed(`request.${field} is not a string`);
    texts[field] = value;
  }
  const dryRun = ownField(request, 'dryRun') ?? false;
  if (typeof dryRun !== 'boolean') return malformed('request.dryRun is not true or false');
  const user = parseUser(ownField(request, 'userInfo'));
  if (!user) return malformed('request.userInfo needs username as a string and groups as a list of strings');
  const object = ownField(request, 'object') ?? undefined;
  const oldObject = ownField(request, 'oldObject') ?? undefined;
  if (object !== undefined && !isJsonObject(object)) return malformed('request.object is not an object');
  if (oldObject !== undefined && !isJsonObject(oldObject)) return malformed('request.oldObject is not an object');
  if (object === undefined && (operation === 'CREATE' || operation === 'UPDATE')) {
    return malformed(`request.object is absent, and a ${operation} has one`);
  }
  if (oldObject === undefined && (operation === 'UPDATE' || operation === 'DELETE')) {
    return malformed(`request.oldObject is absent, and ${operation === 'UPDATE' ? 'an UPDATE' : 'a DELETE'} has one`);
  }
  return ok({ uid, group, version, kind, operation, ...texts, dryRun, user, object, oldObject });
}

function parseUser(value: unknown): AdmissionRequest['user'] | undefined {
  if (value === undefined || value === null) return { name: '', groups: [] };
  if (!isJsonObject(value)) return undefined;
  const name = ownField(value, 'username') ?? '';
  const groups = ownField(value, 'groups') ?? [];
  if (typeof name !== 'string' || !isStringArray(groups)) return undefined;
  return { name, groups };
}

function malformed(reason: string): Result<never, Malformed> {
  return fail({ status: 400, reason: `not an AdmissionReview: ${reason}` });
}

/** A stranger's value in a message: short, quoted, control characters escaped. */
function shown(value: unknown): string {
  return value === undefined || value === null ? 'absent' : `"${showValue(value)}"`;
}

function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
