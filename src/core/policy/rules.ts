/** Which AddressPolicies speak about a Service, and what they say together. */
import type { Policy, PolicyMatch, Quota } from '../config/configuration.ts';
import { matches } from '../config/selector.ts';
import type { ServiceRequest } from '../config/service-request.ts';
import type { Millis } from '../time.ts';
import type { World } from './world.ts';

/** Each part comes from the first matching policy that states it, whichever step then chooses the pool. */
export interface Rules {
  /** Pools in the order of overflow, and who says so. */
  readonly pools: { readonly names: readonly string[]; readonly policy: string } | undefined;
  readonly quota: { readonly limits: Quota; readonly policy: string } | undefined;
  readonly strategy: 'Lowest' | 'Stable';
  readonly releaseDelay: Millis;
  readonly onExhausted: 'Reject' | 'Pend';
  readonly dns: Policy['dns'];
  /** Every policy that matches, by priority, then name. */
  readonly matching: readonly string[];
}

/** What the policies say about a Service; complexity: the number of policies. */
export function rulesFor(request: ServiceRequest, world: World): Rules {
  const matching = world.configuration.policies.filter((policy) => policyMatches(policy, request, world));
  const withPools = matching.find((policy) => policy.pools.length > 0);
  const withQuota = matching.find((policy) => policy.quota !== undefined);
  return {
    pools: withPools && { names: withPools.pools, policy: withPools.name },
    quota: withQuota?.quota && { limits: withQuota.quota, policy: withQuota.name },
    strategy: matching.find((policy) => policy.strategy !== undefined)?.strategy ?? 'Lowest',
    releaseDelay: matching.find((policy) => policy.releaseDelay !== undefined)?.releaseDelay ?? 0,
    onExhausted: matching.find((policy) => policy.onExhausted !== undefined)?.onExhausted ?? 'Reject',
    dns: matching.find((policy) => policy.dns !== undefined)?.dns,
    matching: matching.map((policy) => policy.name),
  };
}

/** All given parts must match; a namespace that isn't known matches no selector. */
export function policyMatches(policy: Policy, request: ServiceRequest, world: World): boolean {
  const { match } = policy;
  if (match === undefined) return true;
  if (!namespaceMatches(match, request.namespace, world)) return false;
  if (match.serviceSelector !== undefined && !matches(match.serviceSelector, request.labels)) return false;
  if (match.categories === undefined) return true;
  return request.category !== undefined && match.categories.includes(request.category);
}

/** The part of a match that speaks of namespaces. */
export function namespaceMatches(match: PolicyMatch | undefined, namespace: string, world: World): boolean {
  if (match === undefined) return true;
  if (match.namespaces !== undefined && !match.namespaces.includes(namespace)) return false;
  return match.namespaceSelector === undefined || matches(match.namespaceSelector, world.namespaceLabels(namespace));
}
