/** The answer to an AdmissionReview, and its form on the wire. */
import type { Cause } from '../core/status/admission-message.ts';
import { REVIEW_VERSION } from './admission-review.ts';

/** One operation of a JSON Patch (RFC 6902); Berth only ever adds, replaces and removes. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Facts for the Kubernetes audit log; the apiserver puts the webhook's name before each key. */
export type AuditAnnotations = Readonly<Record<string, string>>;

export interface Allowed {
  readonly kind: 'allowed';
  readonly patch?: readonly PatchOperation[];
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: AuditAnnotations;
}

export interface Denied {
  readonly kind: 'denied';
  /** Everything an author needs: Flux and, for some codes, kubectl show nothing else. */
  readonly message: string;
  readonly causes: readonly Cause[];
  /** The object that was refused. */
  readonly details: { readonly group: string; readonly kind: string; readonly name: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: AuditAnnotations;
}

export type Answer = Allowed | Denied;

/** Nothing to say. */
export const allowed: Allowed = { kind: 'allowed' };

/** The AdmissionReview to send back. */
export function reviewOf(uid: string, answer: Answer): object {
  const warnings = answer.warnings?.map(headerText).filter((text) => text !== '');
  const common = {
    uid,
    allowed: answer.kind === 'allowed',
    ...(warnings && warnings.length > 0 ? { warnings } : {}),
    ...(answer.auditAnnotations ? { auditAnnotations: answer.auditAnnotations } : {}),
  };
  return {
    apiVersion: REVIEW_VERSION,
    kind: 'AdmissionReview',
    response:
      answer.kind === 'allowed' ? { ...common, ...patchOf(answer.patch) } : { ...common, status: statusOf(answer) },
  };
}

function patchOf(patch: readonly PatchOperation[] | undefined): object {
  if (!patch || patch.length === 0) return {};
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch), 'utf8').toString('base64') };
}

/**
 * Always 403 Forbidden: with 422 kubectl drops the message as soon as there are causes, and Flux takes it for an
 * immutable field and may delete the live Service; 429 makes kubectl hang; 404 has its message rewritten.
 */
function statusOf(denied: Denied): object {
  return {
    metadata: {},
    status: 'Failure',
    code: 403,
    reason: 'Forbidden',
    message: denied.message,
    details: {
      name: denied.details.name,
      group: denied.details.group,
      kind: denied.details.kind,
      causes: denied.causes,
    },
  };
}

/**
 * Warnings travel in an HTTP header: the apiserver drops one with a line break or a control character, and may cut
 * those over 256 characters.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
function headerText(warning: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const line = warning.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim();
  return line.length > 256 ? `${line.slice(0, 255)}…` : line;
}
