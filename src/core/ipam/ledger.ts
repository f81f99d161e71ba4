/** The interface that the ledger fills in next; `import type` compiles against it. */
import type { Configuration, Pool, Reservation } from '../config/configuration.ts';
import type { Port } from '../config/service-request.ts';
import type { Address, Family } from '../net/address.ts';
import type { Millis } from '../time.ts';
import type { Claim, Claimant } from './claim.ts';
import type { Counts, Usage } from './counts.ts';
import type { Conflict, MayShare, NearestRange, Obstacle, SharedAddress } from './obstacle.ts';

export type { Claim, Claimant } from './claim.ts';
export type { Counts, FamilyCounts, Usage } from './counts.ts';
export type { Conflict, MayShare, NearestRange, Obstacle, SharedAddress } from './obstacle.ts';

/** Who asks for the next address, and how it is picked. */
export interface Want {
  readonly namespace: string;
  readonly name: string;
  readonly strategy: 'Lowest' | 'Stable';
  readonly now: Millis;
}

export declare class Ledger {
  /** Takes over pools and reservations; claims stay. Cheap where only reservations changed. */
  configure(configuration: Configuration, now: Millis): void;
  /** Records or replaces this key's claim as a fact: neither pools nor sharing rules are asked. Without addresses it is a release. */
  claim(claim: Claim): void;
  release(key: string): Claim | undefined;
  get(key: string): Claim | undefined;
  claims(): IterableIterator<Claim>;
  /** Number of claims. */
  get size(): number;
  /** The elder first. */
  holders(address: Address): readonly Claim[];
  /** The first thing that keeps `address` from the claimant; its own claim and a reservation over what it holds already are none. */
  obstacle(claimant: Claimant, address: Address, sharing: MayShare, now: Millis): Obstacle | undefined;
  /** The first free address of the pool that is kept for this Service, or else for its namespace. */
  reservedFor(namespace: string, name: string, pool: Pool, family: Family, now: Millis): Address | undefined;
  /** Pools with a free address kept for this Service or its namespace, by name. */
  poolsReservedFor(namespace: string, name: string, now: Millis): readonly Pool[];
  /** What `reservedFor` gives, or else the next address that is open to all, by the strategy. Changes nothing. */
  next(pool: Pool, family: Family, want: Want): Address | undefined;
  /** Where `Stable` begins to look. */
  firstChoice(pool: Pool, family: Family, namespace: string, name: string): Address | undefined;
  /** Addresses that Services under the claimant's sharing key hold, in its namespace or one that may share, lowest first. */
  sharedAddresses(claimant: Claimant, sharing: MayShare, now: Millis): readonly SharedAddress[];
  /** Which of the ports others use on an address, and who. */
  takenPorts(address: Address, ports: readonly Port[], exceptKey?: string): readonly { port: Port; holder: Claim }[];
  /** Keeps an address at once, before its AddressReservation object comes back in `configure`. */
  hold(reservation: Reservation, now: Millis): void;
  /** Ends what `hold` began. */
  unhold(name: string): void;
  /** When the next reservation ends by itself. */
  nextExpiry(): Millis | undefined;
  /** Every reservation over an address, by name. */
  reservationsAt(address: Address, now: Millis): readonly Reservation[];
  /** Zero for an unknown pool. */
  counts(pool: string, now?: Millis): Counts;
  /** With `exceptKey`: as it would be without that claim. */
  usage(namespace: string, exceptKey?: string): Usage;
  poolOf(address: Address): Pool | undefined;
  nearest(address: Address): NearestRange | undefined;
  /** Claims on one address that the rules forbid to share, as they can be found in statuses. */
  conflicts(sharing: MayShare): readonly Conflict[];
  /** Claims with an address that lies in no pool. */
  strays(): readonly Claim[];
}
