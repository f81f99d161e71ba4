/**
 * Names a pool for a Service and says why, in two annotations of Berth's own.
 * A function of the request and the world: no allocation, no effect, the same
 * on a dry run; asked again about its own answer, it changes nothing.
 */
import type { Labels, Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_BECAUSE, ASSIGNED_POOL } from '../../core/api/names.ts';
import { ownField } from '../../core/config/fields.ts';
import { parseService } from '../../core/config/service.ts';
import type { Family } from '../../core/net/address.ts';
import { decide } from '../../core/policy/decide.ts';
import type { World } from '../../core/policy/world.ts';
import { type Allowed, allowed, type PatchOperation } from '../admission-answer.ts';
import { escapePointer } from '../audit/json-diff.ts';
import { type ClassRule, classToAssign, isOurs } from './ownership.ts';
import type { ServiceReview } from './service-review.ts';

export interface MutationContext {
  /** Undefined as long as the cluster isn't known yet: then nothing is written. */
  readonly world: World | undefined;
  /** Primary first; the apiserver fills `spec.ipFamilies` only after mutating webhooks. */
  readonly clusterFamilies: readonly Family[];
  readonly classRule: ClassRule;
}

/** The patch for a Service; empty where nothing is to be written. */
export function mutateService(review: ServiceReview, context: MutationContext): Allowed {
  const { service, old } = review;
  const newClass = classToAssign(service, old, context.classRule);
  const ours = newClass !== undefined || isOurs(service, context.classRule);
  if (!ours || !context.world) return allowed;
  const patch = [
    ...(newClass === undefined ? [] : [{ op: 'add', path: '/spec/loadBalancerClass', value: newClass } as const]),
    ...annotate(service, wantedAnnotations(review, context.world, context.clusterFamilies)),
  ];
  return patch.length === 0 ? allowed : { kind: 'allowed', patch };
}

/** Annotation → value, or undefined for one that must go; an annotation that isn't named stays as it is. */
type Wanted = Readonly<Record<string, string | undefined>>;

function wantedAnnotations(review: ServiceReview, world: World, clusterFamilies: readonly Family[]): Wanted {
  const { service, old } = review;
  const before = annotation(old, ASSIGNED_POOL);
  const asked = parseService(service, clusterFamilies);
  // On an update the assignment of record counts, whatever the author sends; both are only kept while permitted.
  const decision = decide(before === undefined ? asked : { ...asked, assignedPool: before }, world);
  switch (decision.kind) {
    case 'assigned':
      return { [ASSIGNED_POOL]: decision.pool, [ASSIGNED_BECAUSE]: reason(review, decision.pool) ?? decision.because };
    case 'waiting':
    case 'refused':
      // On a new Service an assignment that nobody made is taken off; on a running one everything stays.
      return old === undefined ? { [ASSIGNED_POOL]: undefined, [ASSIGNED_BECAUSE]: undefined } : {};
  }
}

/**
 * The sentence that stands beside the same pool already. It stays, since one that told today's numbers would change
 * with each request and Flux would apply the Service at every interval.
 */
function reason({ service, old }: ServiceReview, pool: string): string | undefined {
  const source = annotation(old, ASSIGNED_POOL) === pool ? old : service;
  return annotation(source, ASSIGNED_POOL) === pool ? annotation(source, ASSIGNED_BECAUSE) || undefined : undefined;
}

/** Operations that apply whatever the object has: `add` also replaces, and the map is made first where it is absent. */
function annotate(service: Service, wanted: Wanted): PatchOperation[] {
  const { annotations } = service.metadata;
  const operations: PatchOperation[] = [];
  for (const [key, value] of Object.entries(wanted)) {
    const path = `/metadata/annotations/${escapePointer(key)}`;
    const present = annotation(service, key);
    if (value === present) continue;
    if (value === undefined) operations.push({ op: 'remove', path });
    else operations.push({ op: 'add', path, value });
  }
  if (operations.length === 0 || annotations) return operations;
  return [{ op: 'add', path: '/metadata/annotations', value: {} }, ...operations];
}

function annotation(service: Service | undefined, key: string): string | undefined {
  const annotations: Labels | undefined = service?.metadata.annotations;
  const value = ownField(annotations, key);
  return typeof value === 'string' ? value : undefined;
}
