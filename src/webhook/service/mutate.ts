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
import { isOurs } from '../../kube/our-service.ts';
import { type Allowed, allowed, type PatchOperation } from '../admission-answer.ts';
import { escapePointer } from '../audit/json-diff.ts';
import { type ClassRule, classToAssign } from './ownership.ts';
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
  const ours = newClass !== undefined || isOurs(service, context.classRule.own);
  if (!ours || !context.world) return allowed;
  const patch = [
    ...(newClass === undefined ? [] : [{ op: 'add', path: '/spec/loadBalancerClass', value: newClass } as const]),
    ...annotate(service, wantedAnnotations(review, context.world, context.clusterFamilies)),
  ];
  return patch.length === 0 ? allowed : { kind: 'allowed', patch };
}

/**
 * Annotation → value, or undefined for one that must go; an annotation that isn't named stays as it is.
 * The sentence beside a pool that stays isn't written anew: one that told today's numbers would change with each
 * request, and Flux would apply the Service at every interval.
 */
type Wanted = Readonly<Record<string, string | undefined>>;

function wantedAnnotations(review: ServiceReview, world: World, clusterFamilies: readonly Family[]): Wanted {
  const { service, old } = review;
  // Only what is on record counts: what the author sends may come from another cluster, or be made up.
  const assignedPool = annotation(old, ASSIGNED_POOL);
  const decision = decide({ ...parseService(service, clusterFamilies), assignedPool }, world);
  switch (decision.kind) {
    case 'assigned': {
      const { pool } = decision;
      const said = pool === assignedPool ? annotation(old, ASSIGNED_BECAUSE) : undefined;
      return { [ASSIGNED_POOL]: pool, [ASSIGNED_BECAUSE]: said || decision.because };
    }
    case 'waiting':
    case 'refused':
      // On a new Service an assignment that nobody made is taken off; on a running one everything stays.
      return old === undefined ? { [ASSIGNED_POOL]: undefined, [ASSIGNED_BECAUSE]: undefined } : {};
  }
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
