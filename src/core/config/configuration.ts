/**
 * Everything that platform teams configure, parsed once into typed, canonical
 * values. Built by `buildConfiguration`; read by policy, ipam and announce.
 */
import type { Labels } from '../api/kubernetes.ts';
import type { Family } from '../net/address.ts';
import type { Range } from '../net/range.ts';
import type { Millis } from '../time.ts';
import type { BfdProfile } from './bfd-profile.ts';
import type { BgpAdvertisement } from './bgp-advertisement.ts';
import type { BgpPeer } from './bgp-peer.ts';
import type { CommunityAliases } from './community.ts';
import type { L2Advertisement } from './l2-advertisement.ts';
import type { Problem } from './problem.ts';
import type { Selector } from './selector.ts';

/** An IPAddressPool. Names are unique: all pools live in Berth's own namespace. */
export interface Pool {
  readonly name: string;
  readonly labels: Labels;
  /** Sorted by family, then first address; disjoint within the pool. */
  readonly ranges: readonly Range[];
  readonly families: readonly Family[];
  readonly autoAssign: boolean;
  /** Addresses ending in .0 and .255 are never given automatically. */
  readonly avoidBuggyIPs: boolean;
  /** Undefined where the pool is open to all; present and matching nothing fails closed. */
  readonly serviceAllocation: ServiceAllocation | undefined;
  readonly onConflict: 'Defend' | 'Yield' | 'Move';
  readonly generation: number;
  readonly deleting: boolean;
}

export interface ServiceAllocation {
  /** Lower goes first; 0 or absent in the object is `Infinity` (last). */
  readonly priority: number;
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly Selector[];
  readonly serviceSelectors: readonly Selector[];
}

/** An AddressPolicy: the rules that MetalLB has no field for. */
export interface Policy {
  readonly name: string;
  /** Lower goes first; ties by name. */
  readonly priority: number;
  /** All given parts must match; an absent match (`undefined`) matches every Service. */
  readonly match: PolicyMatch | undefined;
  /** In the order of overflow. Empty: the policy says nothing about pools. */
  readonly pools: readonly string[];
  readonly quota: Quota | undefined;
  /** Undefined where not stated: the next matching policy that states it decides, else `Lowest`. */
  readonly strategy: 'Lowest' | 'Stable' | undefined;
  /** How long an address stays held for the same namespace/name after release; undefined where not stated (else 0). */
  readonly releaseDelay: Millis | undefined;
  /** Undefined where not stated (else `Reject`). */
  readonly onExhausted: 'Reject' | 'Pend' | undefined;
  readonly sharing: Sharing | undefined;
  readonly dns: { readonly hostname: string; readonly ttlSeconds: number | undefined } | undefined;
  readonly generation: number;
}

export interface PolicyMatch {
  /** Undefined where the part isn't given; an empty list matches nothing. */
  readonly namespaces: readonly string[] | undefined;
  readonly namespaceSelector: Selector | undefined;
  readonly serviceSelector: Selector | undefined;
  readonly categories: readonly string[] | undefined;
}

/** Counted for each matched namespace by itself. Undefined parts are unlimited. */
export interface Quota {
  readonly addresses: number | undefined;
  readonly addressesPerFamily: Readonly<Partial<Record<Family, number>>>;
  readonly services: number | undefined;
  /** Addresses from each named pool. */
  readonly perPool: ReadonlyMap<string, number>;
}

/** Namespaces that may share an address with each other under an equal key. */
export interface Sharing {
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector | undefined;
}

/** An AddressReservation, or a hold-down (one with an expiry, written by the reconciler). */
export interface Reservation {
  readonly name: string;
  readonly ranges: readonly Range[];
  /** The namespace it is kept for. */
  readonly namespace: string;
  /** The Service it is kept for; undefined: any Service of the namespace. */
  readonly service: string | undefined;
  /** Undefined: for as long as the object exists. */
  readonly expiresAt: Millis | undefined;
  readonly holdDown: boolean;
  /** Hardware address of a host outside the cluster that has the addresses: then they are kept for nobody. */
  readonly contestedBy: string | undefined;
}

export interface Configuration {
  /** By name, in name order. */
  readonly pools: ReadonlyMap<string, Pool>;
  /** By priority, then name. */
  readonly policies: readonly Policy[];
  /** By name. */
  readonly reservations: readonly Reservation[];
  /** By name. */
  readonly l2Advertisements: readonly L2Advertisement[];
  /** By name. */
  readonly bgpAdvertisements: readonly BgpAdvertisement[];
  /** By name. */
  readonly bgpPeers: readonly BgpPeer[];
  /** By name. */
  readonly bfdProfiles: readonly BfdProfile[];
  /** By name. */
  readonly communities: readonly CommunityAliases[];
  /** Problems of each object that has any, keyed `Kind/name`. An object with an error has no other place here. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/** A cluster in which nobody has configured anything yet. */
export const EMPTY_CONFIGURATION: Configuration = {
  pools: new Map(),
  policies: [],
  reservations: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  bfdProfiles: [],
  communities: [],
  problems: new Map(),
};
