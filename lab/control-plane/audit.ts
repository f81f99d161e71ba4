import { existsSync, readFileSync } from 'node:fs';

/** Metadata of every request, each once: when it is answered, or when a watch begins. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

/** The part of an audit event (audit.k8s.io/v1) that tests read. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The requests in an audit log, each once, in the order in which they came: a
 * watch is in the log when it begins and again when it ends. A last line that
 * is still being written is left out.
 */
export function readAuditLog(file: string): AuditEvent[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const requests = new Map<string, AuditEvent>();
  for (const line of whole.split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line) as AuditEvent;
    requests.set(event.auditID, event);
  }
  return [...requests.values()];
}
