/** Which namespaces may share an address with each other, and what would let two more do so. */
import type { Policy } from '../config/configuration.ts';
import { matches } from '../config/selector.ts';
import type { ServiceRequest } from '../config/service-request.ts';
import type { MayShare } from '../ipam/ledger.ts';
import type { SharingAdvice } from './failure.ts';
import { namespaceMatches, policyMatches } from './rules.ts';
import type { World } from './world.ts';

/**
 * A sharing key is scoped to its namespace. Two namespaces may share where the
 * policy that speaks for one of them (the first by priority that states
 * `sharing`) names both, and the policy that speaks for the other, if there is
 * one, doesn't leave out either. Symmetric.
 *
 * @param request With it, policies that match by Service labels or category are
 *   asked for that Service's own namespace; without, by namespace alone.
 */
export function mayShare(world: World, request?: ServiceRequest): MayShare {
  const speakers = new Map<string, Policy | undefined>();
  const speaker = (namespace: string): Policy | undefined => {
    if (!speakers.has(namespace)) speakers.set(namespace, sharingPolicy(world, namespace, request));
    return speakers.get(namespace);
  };
  return (a, b) => {
    const policies = [speaker(a), speaker(b)].filter((policy) => policy !== undefined);
    return policies.length > 0 && policies.every((policy) => names(policy, a, world) && names(policy, b, world));
  };
}

function sharingPolicy(world: World, namespace: string, request: ServiceRequest | undefined): Policy | undefined {
  return world.configuration.policies.find((policy) => {
    if (policy.sharing === undefined) return false;
    if (request?.namespace === namespace) return policyMatches(policy, request, world);
    return namespaceMatches(policy.match, namespace, world);
  });
}

function names(policy: Policy, namespace: string, world: World): boolean {
  if (policy.sharing === undefined) return false;
  if (policy.sharing.namespaces.includes(namespace)) return true;
  const selector = policy.sharing.namespaceSelector;
  return selector !== undefined && matches(selector, world.namespaceLabels(namespace));
}

/** The policy to extend so that two namespaces may share, preferring one that names one of them already. */
export function sharingAdvice(world: World, request: ServiceRequest, other: string): SharingAdvice {
  const both = [request.namespace, other];
  const speaking = [sharingPolicy(world, request.namespace, request), sharingPolicy(world, other, undefined)];
  const policy =
    speaking.find((each) => each !== undefined && !both.every((namespace) => names(each, namespace, world))) ??
    world.configuration.policies.find((each) => both.some((namespace) => names(each, namespace, world)));
  if (policy === undefined) return { kind: 'write', namespaces: both };
  const missing = both.filter((namespace) => !names(policy, namespace, world));
  return { kind: 'extend', policy: policy.name, namespaces: missing };
}
