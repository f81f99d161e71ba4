/**
 * Refuses a Service that can't work, at CREATE, and at UPDATE only where this
 * very update breaks something. A refusal that rests on what the cache says is
 * confirmed by live reads before anybody hears it.
 */
import type { Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_BECAUSE, ASSIGNED_POOL } from '../../core/api/names.ts';
import { ownField } from '../../core/config/fields.ts';
import { parseService } from '../../core/config/service.ts';
import { decide } from '../../core/policy/decide.ts';
import type { Decision, Refused } from '../../core/policy/decision.ts';
import { decideUpdate } from '../../core/policy/update.ts';
import type { World } from '../../core/policy/world.ts';
import { serviceRefusal } from '../../core/status/admission-message.ts';
import { isOurs } from '../../kube/our-service.ts';
import { type Allowed, type Answer, allowed, type Denied } from '../admission-answer.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { type Audit, type AuditEntry, changeOf, entryOf } from '../audit/audit.ts';
import type { LiveReads } from '../live-reads.ts';
import type { WebhookMetrics } from '../metrics.ts';
import { within } from '../within.ts';
import { groundsOf, stillStands } from './confirm.ts';
import type { ClassRule } from './ownership.ts';
import { readServiceReview, type ServiceReview } from './service-review.ts';

export interface ValidationContext {
  /** The world now; undefined as long as the cluster isn't known yet. */
  world(): World | undefined;
  readonly reads: LiveReads;
  readonly classRule: ClassRule;
  readonly audit: Audit;
  readonly metrics: WebhookMetrics;
  readonly log: { warn(values: object, message: string): void };
  /** How long live reads may take; well under the webhook's own timeout. */
  readonly confirmWithinMs: number;
}

/** Answers one review of a Service. */
export async function validateService(request: AdmissionRequest, context: ValidationContext): Promise<Answer> {
  const review = readServiceReview(request);
  if (!review) return allowed;
  const { classRule } = context;
  if (!isOurs(review.service, classRule.own)) {
    if (review.old && isOurs(review.old, classRule.own)) record(request, context, 'service-change', {});
    return allowed;
  }
  const world = context.world();
  if (!world) return { kind: 'allowed', warnings: ['Berth is still starting: this Service was not checked'] };
  const decision = decideOn(review, world);
  if (decision.kind !== 'refused') return admit(request, review, decision, context);
  const confirmed = await confirm(decision, review, world, context);
  return confirmed.kind === 'refused'
    ? refuse(request, confirmed, context)
    : admit(request, review, confirmed, context);
}

function decideOn({ service, old }: ServiceReview, world: World): Decision {
  const request = parseService(service);
  return old && old.spec.type === 'LoadBalancer'
    ? decideUpdate(parseService(old), request, world)
    : decide(request, world);
}

/** Admitted all the same, since the refusal could not be relied on. */
interface Overturned {
  readonly kind: 'overturned';
  readonly warnings: readonly string[];
}

async function confirm(
  refused: Refused,
  review: ServiceReview,
  world: World,
  context: ValidationContext,
): Promise<Decision | Overturned> {
  const { metrics, log, reads } = context;
  const request = parseService(review.service);
  const grounds = groundsOf(refused, request, world);
  if (!grounds) return refused;
  try {
    const stands = await within(context.confirmWithinMs, (signal) => stillStands(grounds, world, reads, signal));
    // While the reads were under way the cache may have caught up: what it says now is what counts.
    const now = decideOn(review, context.world() ?? world);
    if (stands || now.kind !== 'refused') return now;
    metrics.overturned(refused.reason, 'stale');
    return overturned(refused, 'what it rests on has just changed');
  } catch (error) {
    metrics.overturned(refused.reason, 'unconfirmed');
    log.warn({ err: error, service: request.key, reason: refused.reason }, 'cannot confirm a refusal; admitting');
    return overturned(refused, 'the apiserver could not be asked in time whether it still holds');
  }
}

function overturned(refused: Refused, why: string): Overturned {
  return {
    kind: 'overturned',
    warnings: [...refused.warnings, `Admitted, and Berth decides again: ${why}. Seen at first: ${refused.message}`],
  };
}

function admit(
  request: AdmissionRequest,
  { service, old }: ServiceReview,
  decision: Exclude<Decision, Refused> | Overturned,
  context: ValidationContext,
): Allowed {
  const pool = annotation(service, ASSIGNED_POOL);
  const because = annotation(service, ASSIGNED_BECAUSE);
  const said = pool === undefined ? {} : { pool, ...(because === undefined ? {} : { because }) };
  if (pool !== annotation(old, ASSIGNED_POOL)) record(request, context, 'assignment', said);
  else if (old) record(request, context, 'service-change', said);
  const { warnings } = decision;
  return {
    kind: 'allowed',
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(pool === undefined ? {} : { auditAnnotations: said }),
  };
}

function refuse(request: AdmissionRequest, refused: Refused, context: ValidationContext): Denied {
  const { reason, warnings } = refused;
  const { message, causes } = serviceRefusal(refused);
  context.metrics.refused('validate-service', reason);
  context.audit.record({ ...entryOf(request), event: 'refusal', reason, message, ...changeOf(request) });
  return {
    kind: 'denied',
    message,
    causes,
    details: { group: request.group, kind: request.kind, name: request.name },
    ...(warnings.length > 0 ? { warnings } : {}),
    auditAnnotations: { refusal: reason, message: refused.message },
  };
}

/** A dry run changes nothing, so there is nothing to record of it but a refusal. */
function record(
  request: AdmissionRequest,
  context: ValidationContext,
  event: 'assignment' | 'service-change',
  said: Pick<AuditEntry, 'pool' | 'because'>,
): void {
  if (request.dryRun) return;
  const { change = [], ...rest } = changeOf(request);
  if (change.length > 0) context.audit.record({ ...entryOf(request), event, ...said, ...rest, change });
}

function annotation(service: Service | undefined, key: string): string | undefined {
  const value = ownField(service?.metadata.annotations, key);
  return typeof value === 'string' ? value : undefined;
}
