/** Why one address can't be given to one Service. */
import type { Reservation } from '../config/configuration.ts';
import type { Port } from '../config/service-request.ts';
import type { Address } from '../net/address.ts';
import type { Range } from '../net/range.ts';
import type { Claim } from './claim.ts';
import type { Clash } from './sharing.ts';

export type Obstacle =
  /** Held by a Service, and one of the two has no sharing key. */
  | { readonly kind: 'taken'; readonly holder: Claim }
  | Incompatible
  /** Kept for somebody else. */
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'outside-pools'; readonly nearest: NearestRange | undefined };

/** Held by a Service that shares, but not with the one that asks. */
export interface Incompatible {
  readonly kind: 'incompatible';
  readonly holder: Claim;
  /** The first rule that forbids it; see `Clash`. */
  readonly why: Exclude<Clash['why'], 'exclusive'>;
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
  readonly clash: Clash;
}

/** An address that Services of one sharing key hold already, and whether it also takes the one that asks. */
export interface SharedAddress {
  readonly address: Address;
  /** The pool that the address lies in now; undefined outside every pool. */
  readonly pool: string | undefined;
  /** Undefined: it can be shared. */
  readonly obstacle: Obstacle | undefined;
}

/** The obstacle that a clash with one holder is. */
export function obstacleOf(clash: Clash, holder: Claim): Obstacle {
  if (clash.why === 'exclusive') return { kind: 'taken', holder };
  const { why, port } = clash;
  return port === undefined ? { kind: 'incompatible', holder, why } : { kind: 'incompatible', holder, why, port };
}
