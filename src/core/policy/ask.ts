/** One question to the rules: the request, the world, and what is worked out once for all steps. */

import type { Labels } from '../api/kubernetes.ts';
import type { Pool } from '../config/configuration.ts';
import { entryKey } from '../config/entry.ts';
import type { ServiceRequest } from '../config/service-request.ts';
import type { Claim, Claimant, MayShare, Usage } from '../ipam/ledger.ts';
import type { Address, Family } from '../net/address.ts';
import { type Rules, rulesFor } from './rules.ts';
import { mayShare } from './sharing.ts';
import type { World } from './world.ts';

export interface Ask {
  readonly request: ServiceRequest;
  readonly world: World;
  readonly namespaceLabels: Labels | undefined;
  /** To be served, the primary one first; one or two. */
  readonly families: readonly Family[];
  /** `all`: one pool must give every family; `any`: what can be had now, the rest later. */
  readonly want: 'all' | 'any';
  readonly rules: Rules;
  readonly claimant: Claimant;
  readonly sharing: MayShare;
  /** What this very object holds: its status, else its claim while the status is being written. */
  readonly held: readonly Address[];
  /** Addresses of its own that are not to be chosen again. */
  readonly unwanted: readonly Address[];
  /** The namespace's usage with this Service, and as it would be without it; worked out when first asked. */
  readonly usage: () => NamespaceUsage;
}

export interface NamespaceUsage {
  readonly now: Usage;
  readonly without: Usage;
}

export function askOf(request: ServiceRequest, world: World): Ask {
  const { ledger } = world;
  const sharing = mayShare(world, request);
  return {
    request,
    world,
    namespaceLabels: world.namespaceLabels(request.namespace),
    // The apiserver lists one family for SingleStack; an object from elsewhere may list two.
    families: request.familyPolicy === 'SingleStack' ? request.families.slice(0, 1) : request.families,
    want: request.familyPolicy === 'PreferDualStack' ? 'any' : 'all',
    rules: rulesFor(request, world),
    claimant: claimantOf(request),
    sharing,
    held: heldBy(request, ledger.get(request.key)),
    unwanted: [],
    usage: once(() => ({
      now: ledger.usage(request.namespace),
      without: ledger.usage(request.namespace, request.key),
    })),
  };
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

/** A Service as the ledger sees one that asks. */
export function claimantOf(request: ServiceRequest): Claimant {
  const { key, namespace, name, uid, createdAt, sharingKey, ports, trafficPolicy, backends } = request;
  return { key, namespace, name, uid, createdAt, sharingKey, ports, trafficPolicy, backends };
}

/** A claim of an object of the same name that was deleted (another uid) says nothing about this one. */
function heldBy(request: ServiceRequest, claim: Claim | undefined): readonly Address[] {
  if (request.held.length > 0) return request.held;
  return claim !== undefined && claim.uid !== '' && claim.uid === request.uid ? claim.addresses : [];
}

export type Missing = 'absent' | 'deleting' | 'faulty';

/** A pool by name; one that is being deleted, or isn't in force because of its faults, serves nobody anew. */
export function findPool(ask: Ask, name: string): Pool | Missing {
  const pool = ask.world.configuration.pools.get(name);
  if (pool !== undefined) return pool.deleting ? 'deleting' : pool;
  return isFaulty(ask, name) ? 'faulty' : 'absent';
}

function isFaulty(ask: Ask, name: string): boolean {
  const problems = ask.world.configuration.problems.get(entryKey('IPAddressPool', name));
  return problems?.some(({ severity }) => severity === 'error') ?? false;
}

/**
 * The pool that a held address is of: the one it lies in, or the one it was
 * given from while that isn't in force because of its faults. Undefined: none.
 */
export function homeOf(ask: Ask, address: Address): string | undefined {
  const { ledger } = ask.world;
  const found = ledger.poolOf(address)?.name;
  if (found !== undefined) return found;
  const given = ask.request.allocatedPool ?? ledger.get(ask.request.key)?.pool ?? ask.request.assignedPool;
  return given !== undefined && findPool(ask, given) === 'faulty' ? given : undefined;
}
