/** Why one address can't be given to one Service. */
import type { Reservation } from '../config/configuration.ts';
import type { Port } from '../config/service-request.ts';
import type { Address } from '../net/address.ts';
import type { Range } from '../net/range.ts';
import type { Claim } from './claim.ts';

export type Obstacle =
  /** Held by a Service, and the one that asks doesn't ask to share. */
  | { readonly kind: 'taken'; readonly holder: Claim }
  | Incompatible
  /** Kept for somebody else. */
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'outside-pools'; readonly nearest: NearestRange | undefined };

/** Held by a Service that the one that asks can't share with; `why` is the first rule that forbids it. */
export interface Incompatible {
  readonly kind: 'incompatible';
  readonly holder: Claim;
  /**
   * `key`: the holder has another sharing key or none. `namespace`: equal keys, in namespaces that may not share.
   * `port`: both want one (protocol, port). `traffic-policy`: one is Local and one Cluster, on different backends.
   * `backends`: both are Local, on different backends.
   */
  readonly why: 'key' | 'namespace' | 'port' | 'traffic-policy' | 'backends';
  /** With `port`: which one. */
  readonly port?: Port;
}

/** The range of a pool that lies closest to an address outside every pool, in the same family. */
export interface NearestRange {
  readonly pool: string;
  readonly range: Range;
}

/** Two Services found on one address that they may not share. */
export interface Conflict {
  readonly address: Address;
  /** The elder of the two. */
  readonly keeper: Claim;
  readonly loser: Claim;
  /** What the loser would be told if it asked now. */
  readonly obstacle: Obstacle;
}

/** An address that Services of one sharing key hold already, and whether it also takes the one that asks. */
export interface SharedAddress {
  readonly address: Address;
  /** The pool that the address lies in now; undefined outside every pool. */
  readonly pool: string | undefined;
  /** Undefined: it can be shared. */
  readonly obstacle: Obstacle | undefined;
}

/** Tells whether two different namespaces may share an address under an equal key; symmetric. */
export type MayShare = (a: string, b: string) => boolean;
