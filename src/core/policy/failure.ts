/** Why a Service gets no address, as a value that holds every number and name its sentence needs. */

import type { Problem } from '../config/problem.ts';
import type { Port } from '../config/service-request.ts';
import type { FamilyCounts, NearestRange } from '../ipam/ledger.ts';
import type { Address, Family } from '../net/address.ts';
import type { Missing } from './ask.ts';

/** Who says which pool: the Service's own annotation, its namespace's label, a policy, or nobody. */
export type NamedBy =
  | { readonly kind: 'annotation'; readonly path: string }
  | { readonly kind: 'address'; readonly path: string; readonly address: Address }
  | { readonly kind: 'namespace-label'; readonly namespace: string }
  | { readonly kind: 'policy'; readonly policy: string }
  /** The pool that serves the Service's other family. */
  | { readonly kind: 'held' }
  | { readonly kind: 'nobody' };

/** How the `serviceAllocation` of a pool shuts a Service out. */
export interface Pinned {
  readonly by: 'namespace' | 'labels';
  /** The labels that would open it, as `kubectl -l` takes them; '' with `namespace`. */
  readonly wanted: string;
}

export interface QuotaReached {
  readonly policy: string;
  readonly namespace: string;
  readonly counted: 'Services' | 'addresses' | 'IPv4 addresses' | 'IPv6 addresses';
  /** Set where only the addresses of one pool are counted. */
  readonly pool: string | undefined;
  readonly used: number;
  readonly limit: number;
  /** How many more this Service needs; at least 1. */
  readonly wanted: number;
}

/** Why one pool was passed over. */
export type PassedOver =
  | { readonly why: Missing }
  | { readonly why: 'pinned'; readonly pinned: Pinned }
  | { readonly why: 'by-name-only' }
  | { readonly why: 'lacks-family'; readonly family: Family }
  | {
      readonly why: 'full';
      readonly family: Family;
      readonly counts: FamilyCounts;
      readonly namespace: string;
      /** How many of the pool's addresses (both families) the asking namespace holds. */
      readonly own: number;
    }
  | { readonly why: 'quota'; readonly quota: QuotaReached };

export interface Tried {
  readonly pool: string;
  readonly passed: PassedOver;
}

/** What would let two namespaces share an address. */
export type SharingAdvice =
  | { readonly kind: 'extend'; readonly policy: string; readonly namespaces: readonly string[] }
  | { readonly kind: 'write'; readonly namespaces: readonly string[] };

export type Failure =
  | { readonly kind: 'invalid-request'; readonly problems: readonly Problem[] }
  | { readonly kind: 'one-family-only'; readonly family: Family }
  | {
      readonly kind: 'address-family';
      readonly address: Address;
      readonly families: readonly Family[];
      readonly field: string;
    }
  | { readonly kind: 'address-missing'; readonly given: Address; readonly missing: Family; readonly field: string }
  | {
      readonly kind: 'address-outside';
      readonly address: Address;
      readonly nearest: NearestRange | undefined;
      readonly pools: readonly string[];
      readonly field: string;
    }
  | { readonly kind: 'address-avoided'; readonly address: Address; readonly pool: string; readonly field: string }
  | {
      readonly kind: 'addresses-apart';
      readonly addresses: readonly { readonly address: Address; readonly pool: string }[];
      readonly field: string;
    }
  | {
      readonly kind: 'pool-contradicts-address';
      readonly address: Address;
      readonly addressFrom: string;
      readonly pool: string;
      readonly named: string;
      readonly namedFrom: string;
      /** Set where the named pool isn't there, and may be about to arrive. */
      readonly missing: Missing | undefined;
    }
  | {
      readonly kind: 'address-reserved';
      readonly address: Address;
      readonly pool: string;
      readonly holder: string;
      readonly holdDown: boolean;
      /** The stranger that has it, and the reservation that therefore keeps it from everybody. */
      readonly contested: { readonly by: string; readonly reservation: string } | undefined;
      readonly field: string;
    }
  | {
      readonly kind: 'address-taken';
      readonly address: Address;
      readonly pool: string;
      readonly holder: string;
      /** The holder lives in the asking Service's namespace, so a sharing key would do. */
      readonly sameNamespace: boolean;
      readonly field: string;
    }
  | {
      readonly kind: 'address-incompatible';
      readonly address: Address;
      readonly pool: string | undefined;
      readonly holder: string;
      /** `unkeyed`: this Service has no key (any more); `holder-unkeyed`: the holder has none. */
      readonly why: 'unkeyed' | 'holder-unkeyed' | 'key' | 'namespace' | 'port' | 'traffic-policy' | 'backends';
      readonly key: string;
      /** Only where the holder lives in the same namespace. */
      readonly holderKey: string | undefined;
      readonly port: Port | undefined;
      /** Other addresses under the key that take this Service. */
      readonly alternatives: readonly Address[];
      readonly advice: SharingAdvice | undefined;
      /** The Service holds the address, and an update would end the sharing. */
      readonly holds: boolean;
      readonly field: string;
    }
  | {
      readonly kind: 'pool-absent';
      readonly pool: string;
      readonly state: Missing;
      readonly namedBy: NamedBy;
      /** Pools that would serve the Service if it named them. */
      readonly alternatives: readonly string[];
    }
  | {
      readonly kind: 'pool-forbidden';
      readonly pool: string;
      readonly namespace: string;
      readonly pinned: Pinned;
      readonly namedBy: NamedBy;
      readonly alternatives: readonly string[];
    }
  | { readonly kind: 'no-pools' }
  | {
      readonly kind: 'none-open';
      readonly namespace: string;
      readonly tried: readonly Tried[];
      readonly alternatives: readonly string[];
    }
  | {
      readonly kind: 'none-serves';
      /** At least one; in the order they were asked. */
      readonly tried: readonly Tried[];
      readonly namedBy: NamedBy;
      /** Pools that would serve it if asked for by name. */
      readonly alternatives: readonly string[];
    };
