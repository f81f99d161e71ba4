/**
 * Refuses configuration that is wrong, or that would take addresses from
 * running Services without saying that it means to. What the cache says is
 * read again at the apiserver before anybody is refused because of it.
 */
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { ALLOW_DISRUPTION } from '../../core/api/names.ts';
import { buildConfiguration } from '../../core/config/build.ts';
import { ownField } from '../../core/config/fields.ts';
import { judge, type Verdict } from '../../core/config/judge.ts';
import { RAW_LIST } from '../../core/config/kinds.ts';
import type { RawConfiguration } from '../../core/config/raw-configuration.ts';
import { parseService } from '../../core/config/service.ts';
import { isOneOf } from '../../core/net/address.ts';
import { type Effect, effectOfChange, type Loss } from '../../core/policy/disruption.ts';
import type { World } from '../../core/policy/world.ts';
import { type AdmissionRefusal, configurationRefusal, disruptionRefusal } from '../../core/status/admission-message.ts';
import { lossSentence, overlayWarning } from '../../core/status/disruption.ts';
import { problemSentence } from '../../core/status/problem.ts';
import { type Answer, allowed, type Denied } from '../admission-answer.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { type Audit, changeOf, entryOf } from '../audit/audit.ts';
import type { LiveReads } from '../live-reads.ts';
import type { WebhookMetrics } from '../metrics.ts';
import { Unanswerable } from '../review-handler.ts';
import { within } from '../within.ts';
import { type ConfigReview, readConfigReview } from './config-review.ts';

export interface ConfigContext {
  /** The world now; undefined as long as the cluster isn't known yet. */
  world(): World | undefined;
  /** The configuration as it is stored. */
  raw(): RawConfiguration;
  /** Berth's own namespace: what is configured elsewhere has no effect. */
  readonly namespace: string;
  readonly reads: LiveReads;
  readonly audit: Audit;
  readonly metrics: WebhookMetrics;
  readonly log: { warn(values: object, message: string): void };
  readonly confirmWithinMs: number;
}

/** Services that are read to confirm that a change would hit any. */
const LOSSES_READ = 8;

/** Bytes of a change in the apiserver's audit log. */
const AUDIT_CHANGE_LIMIT = 8_192;

/** Answers one review of a configuration object. */
export async function validateConfig(request: AdmissionRequest, context: ConfigContext): Promise<Answer> {
  const review = readConfigReview(request);
  if (!review) return allowed;
  if (request.namespace !== context.namespace) {
    const where = `it is in namespace ${request.namespace}, and Berth reads ${review.kind} of ${context.namespace} only`;
    return { kind: 'allowed', warnings: [`${review.kind} "${review.name}" has no effect: ${where}`] };
  }
  const world = context.world();
  // The webhook fails closed: an unchecked pool could reach every Service.
  if (!world) throw new Unanswerable(503, 'Berth is still starting and knows the cluster only in part; try again');

  const verdict = await confirmedVerdict(review, world, context);
  if (verdict.errors.length > 0) {
    return refuse(request, configurationRefusal(review.kind, review.name, verdict.errors), context);
  }
  const { losses, overlays } = effectOf(review, world, context.raw());
  const meant = ownField((review.object ?? review.old)?.metadata.annotations, ALLOW_DISRUPTION) === 'true';
  if (losses.length > 0 && !meant && (await anyStillHeld(losses, context))) {
    const verb = review.operation === 'DELETE' ? 'delete' : 'change';
    return refuse(request, disruptionRefusal(review.kind, review.name, verb, losses), context);
  }
  const warnings = [
    ...verdict.warnings.map(problemSentence),
    ...losses.slice(0, LOSSES_READ).map(lossSentence),
    ...overlays.slice(0, LOSSES_READ).map(overlayWarning),
  ];
  return admit(request, warnings, context);
}

/** Errors count only if they are still there against what the apiserver has now. */
async function confirmedVerdict(review: ConfigReview, world: World, context: ConfigContext): Promise<Verdict> {
  const verdict = judge(review, context.raw(), world.now);
  if (verdict.errors.length === 0) return verdict;
  try {
    const { nodes } = context.raw();
    const live = await within(context.confirmWithinMs, (signal) => context.reads.configuration(nodes, signal));
    return judge(review, live, world.now);
  } catch (error) {
    const { kind, name } = review;
    context.log.warn({ err: error, kind, name }, 'cannot confirm the refusal of a configuration; it stands');
    return verdict;
  }
}

const NO_EFFECT: Effect = { losses: [], overlays: [] };

/** Only pools take addresses away, and only reservations lie over them. */
function effectOf({ kind, name, object, operation }: ConfigReview, world: World, raw: RawConfiguration): Effect {
  const shrinks = kind === 'IPAddressPool' && operation !== 'CREATE';
  const reserves = kind === 'AddressReservation' && object !== undefined;
  if (!shrinks && !reserves) return NO_EFFECT;
  const list = RAW_LIST[kind];
  const others = raw[list].filter(({ metadata }: KubeObject) => metadata.name !== name);
  const after = buildConfiguration({ ...raw, [list]: object ? [...others, object] : others });
  return effectOfChange(world.configuration, after, world.ledger, world.now);
}

async function anyStillHeld(losses: readonly Loss[], context: ConfigContext): Promise<boolean> {
  try {
    const held = await within(context.confirmWithinMs, (signal) =>
      Promise.all(losses.slice(0, LOSSES_READ).map((loss) => isHeld(loss, context.reads, signal))),
    );
    return held.some((one) => one);
  } catch (error) {
    context.log.warn(
      { err: error, losses: losses.length },
      'cannot confirm that a change hits Services; it is refused',
    );
    return true;
  }
}

async function isHeld({ service, address }: Loss, reads: LiveReads, signal: AbortSignal): Promise<boolean> {
  const [namespace = '', name = ''] = service.split('/');
  const live = await reads.service(namespace, name, signal);
  // One whose address isn't in its status yet is about to get it.
  const held = live ? parseService(live).held : undefined;
  return held !== undefined && (held.length === 0 || isOneOf(address, held));
}

function refuse(request: AdmissionRequest, refusal: AdmissionRefusal, context: ConfigContext): Denied {
  const { message, causes } = refusal;
  const reason = causes[0]?.reason ?? refusal.reason;
  context.metrics.refused('validate-config', reason);
  context.audit.record({ ...entryOf(request), event: 'refusal', reason, message, ...changeOf(request) });
  return {
    kind: 'denied',
    message,
    causes,
    details: { group: request.group, kind: request.kind, name: request.name },
    auditAnnotations: { refusal: reason },
  };
}

function admit(request: AdmissionRequest, warnings: readonly string[], context: ConfigContext): Answer {
  const said = warnings.length > 0 ? { warnings } : {};
  const { change = [], ...rest } = changeOf(request);
  if (request.dryRun || change.length === 0) return { kind: 'allowed', ...said };
  context.audit.record({ ...entryOf(request), event: 'configuration-change', change, ...rest });
  const text = JSON.stringify(change);
  const shown = text.length > AUDIT_CHANGE_LIMIT ? `${text.slice(0, AUDIT_CHANGE_LIMIT)}…` : text;
  return { kind: 'allowed', ...said, auditAnnotations: { change: shown } };
}
