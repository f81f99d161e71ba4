/**
 * The audit trail: one JSON line for each refusal and each accepted change of
 * configuration or assignment, on a stream of its own. What is written here was
 * admitted by Berth; the apiserver may still turn it down for another reason
 * and may ask again after a conflict, so a line says "admitted", not "stored".
 */
import type { JsonObject } from '../../core/config/fields.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { type ChangeOperation, diffJson } from './json-diff.ts';
import { recordable, redact } from './recordable.ts';

export interface AuditEntry {
  readonly event: 'refusal' | 'configuration-change' | 'service-change' | 'assignment';
  readonly operation: string;
  readonly dryRun: boolean;
  /** The request's uid: the same in the apiserver's own audit log. */
  readonly request: string;
  readonly user: { readonly name: string; readonly groups: number };
  readonly object: {
    readonly group: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly reason?: string;
  readonly message?: string;
  readonly pool?: string;
  readonly because?: string;
  /** Before (`test`) and after, as a JSON Patch; secrets are redacted. */
  readonly change?: readonly ChangeOperation[];
  /** Operations that were left out of `change`. */
  readonly changeLeftOut?: number;
}

/** Where entries go; `createAuditStream` makes one. */
export interface Audit {
  record(entry: AuditEntry): void;
}

/** An entry stays readable, and no object makes it huge. */
const OPERATION_LIMIT = 100;
const TEXT_LIMIT = 4096;

/** What every entry says of a request. */
export function entryOf(request: AdmissionRequest): Omit<AuditEntry, 'event'> {
  return {
    operation: request.operation,
    dryRun: request.dryRun,
    request: request.uid,
    user: { name: request.user.name, groups: request.user.groups.length },
    object: { group: request.group, kind: request.kind, namespace: request.namespace, name: request.name },
  };
}

/** What a request changes in labels, annotations and spec, fit to be recorded. */
export function changeOf(request: AdmissionRequest): Pick<AuditEntry, 'change' | 'changeLeftOut'> {
  const operations = diffJson(side(request.oldObject), side(request.object));
  const kept = operations.slice(0, OPERATION_LIMIT).map(fit);
  const left = operations.length - kept.length;
  return { change: kept, ...(left > 0 ? { changeLeftOut: left } : {}) };
}

/** An object that isn't there is null, as in the AdmissionReview. */
function side(object: JsonObject | undefined): unknown {
  return recordable(object) ?? null;
}

function fit(operation: ChangeOperation): ChangeOperation {
  if (operation.op === 'remove') return operation;
  return { ...operation, value: shorten(redact(operation.value, operation.path)) };
}

function shorten(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text !== undefined && text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : value;
}
