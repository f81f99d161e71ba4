/**
 * Which addresses are whose: the one mutable thing in the core. It is told
 * facts (pools, reservations, claims) and answers questions; it never decides.
 * Its answers depend on the facts it holds and on the latest time it was told,
 * not on the order in which the facts came.
 *
 * Costs: n is the number of free stretches in a pool, or of ranges in all
 * pools; the number of addresses in a range never counts.
 *
 *     claim, release, next, obstacle, poolOf    O(log n)
 *     counts, usage, holders                    O(1)
 *     configure                                 what changed; all claims where a pool's ranges changed
 */
import type { Configuration, Pool, Reservation } from '../config/configuration.ts';
import { invariant } from '../invariant.ts';
import { type Address, compareAddresses, type Family, sameAddress } from '../net/address.ts';
import type { Millis } from '../time.ts';
import type { Claim, Claimant } from './claim.ts';
import { type Counts, noCounts, type Usage } from './counts.ts';
import type { FreeAddresses } from './free-addresses.ts';
import { Holdings } from './holdings.ts';
import { type Conflict, type NearestRange, type Obstacle, obstacleOf, type SharedAddress } from './obstacle.ts';
import { PoolIndex } from './pool-index.ts';
import { type FamilyChange, Reservations } from './reservations.ts';
import { type Clash, clash, clashes, type MayShare } from './sharing.ts';
import { SharingIndex } from './sharing-index.ts';
import { admits, open } from './standing.ts';
import { UsageBook } from './usage-book.ts';

export type { Claim, Claimant } from './claim.ts';
export type { Counts, FamilyCounts, Usage } from './counts.ts';
export type { Conflict, Incompatible, NearestRange, Obstacle, SharedAddress } from './obstacle.ts';
export type { Clash, MayShare } from './sharing.ts';

/** Who asks for the next address, and how it is picked. */
export interface Want {
  readonly namespace: string;
  readonly name: string;
  /**
   * `Lowest`: the lowest free address.
   *
   * `Stable`: the first choice is a hash of pool, namespace and name over the
   * addresses that the pool gives automatically; where that is taken or kept
   * for another, the next free one after it, going round. While a pool's
   * ranges stay, a Service has the same first choice for ever, and gets it
   * unless somebody was there before. So where all first choices differ, any
   * order of creation gives each Service the same address. Of two Services
   * with one first choice the earlier gets it: who has to move on depends on
   * the order, while the set of addresses in use does not.
   */
  readonly strategy: 'Lowest' | 'Stable';
  readonly now: Millis;
}

export class Ledger {
  readonly #claims = new Map<string, Claim>();
  readonly #holdings = new Holdings();
  readonly #sharing = new SharingIndex();
  readonly #usage = new UsageBook();
  readonly #reservations = new Reservations();
  readonly #strays = new Set<Claim>();
  #index = new PoolIndex(new Map());
  #now: Millis = Number.NEGATIVE_INFINITY;

  /** Number of claims. */
  get size(): number {
    return this.#claims.size;
  }

  /**
   * Takes over pools and reservations; claims stay, also those whose address
   * lies in no pool any more (`strays`): such an address is never given to
   * anybody else. Cheap where no pool's ranges changed.
   */
  configure(configuration: Configuration, now: Millis): void {
    this.#advance(now);
    const changes = this.#reservations.configure(configuration.reservations, this.#now);
    if (this.#index.refresh(configuration.pools)) this.#apply(changes);
    else this.#reindex(configuration.pools);
  }

  /**
   * Records or replaces this key's claim, as a fact: a status that was found
   * may break every rule, so neither pools nor reservations nor sharing are
   * asked, and nothing throws; `conflicts` and `strays` tell. A claim without
   * addresses is a release.
   */
  claim(claim: Claim): void {
    invariant(claim.key === `${claim.namespace}/${claim.name}`, `the key of ${claim.key} is its namespace and name`);
    this.release(claim.key);
    const addresses = distinct(claim.addresses);
    if (addresses.length === 0) return;
    const recorded = addresses.length === claim.addresses.length ? claim : { ...claim, addresses };
    this.#claims.set(recorded.key, recorded);
    this.#sharing.add(recorded);
    this.#usage.countService(recorded.namespace, 1);
    for (const address of addresses) this.#give(address, recorded);
  }

  /** Ends a claim and gives its addresses back; undefined where there was none. Holding them back is `hold`. */
  release(key: string): Claim | undefined {
    const claim = this.#claims.get(key);
    if (claim === undefined) return undefined;
    this.#claims.delete(key);
    this.#sharing.remove(claim);
    this.#strays.delete(claim);
    for (const address of claim.addresses) this.#takeBack(address, claim);
    this.#usage.countService(claim.namespace, -1);
    return claim;
  }

  get(key: string): Claim | undefined {
    return this.#claims.get(key);
  }

  /** Every claim, in no order. */
  claims(): IterableIterator<Claim> {
    return this.#claims.values();
  }

  /** Holders of an address, the elder first. */
  holders(address: Address): readonly Claim[] {
    return this.#holdings.at(address);
  }

  /**
   * The first thing that keeps an address from a Service: no pool, a holder
   * (elder first), a reservation. Its own claim is no obstacle, and no
   * reservation is one over an address that it holds already.
   */
  obstacle(claimant: Claimant, address: Address, mayShare: MayShare, now: Millis): Obstacle | undefined {
    this.#advance(now);
    if (this.#index.at(address) === undefined) return { kind: 'outside-pools', nearest: this.nearest(address) };
    const holders = this.holders(address);
    for (const holder of holders) {
      const found = holder.key === claimant.key ? undefined : clash(claimant, holder, mayShare);
      if (found !== undefined) return obstacleOf(found, holder);
    }
    if (holders.some((holder) => holder.key === claimant.key)) return undefined;
    const { namespace, name } = claimant;
    const reservation = this.#reservations.at(address).find((one) => !admits(one, namespace, name));
    return reservation && { kind: 'reserved', reservation };
  }

  /** The lowest free address of the pool that is kept for this Service, or else for its namespace. */
  reservedFor(namespace: string, name: string, pool: Pool, family: Family, now: Millis): Address | undefined {
    this.#advance(now);
    return this.#kept(pool, family, { namespace, name, strategy: 'Lowest', now });
  }

  /** Pools with a free address that is kept for this Service or its namespace, by name. */
  poolsReservedFor(namespace: string, name: string, now: Millis): readonly Pool[] {
    this.#advance(now);
    const names = new Set<string>();
    for (const owner of [`${namespace}/${name}`, namespace]) {
      for (const { ranges } of this.#reservations.for(owner)) {
        for (const { family, first, last } of ranges) {
          for (const { free, pool } of this.#index.overlapping(family, first, last)) {
            if (free.keepsFor(`${namespace}/${name}`) || free.keepsFor(namespace)) names.add(pool);
          }
        }
      }
    }
    return [...names].sort().flatMap((poolName) => this.#index.pool(poolName) ?? []);
  }

  /**
   * The address that this Service would be given: one that is kept for it or
   * for its namespace, or else one that is open to all; never one that is kept
   * for another. Undefined where the pool has none, or isn't known. Reads only.
   */
  next(pool: Pool, family: Family, want: Want): Address | undefined {
    this.#advance(want.now);
    return (
      this.#kept(pool, family, want) ?? this.#pick(this.#index.free(pool.name, family), undefined, family, want, pool)
    );
  }

  /** Where `Stable` begins to look: the same for ever while the pool's ranges are. Undefined where the pool gives none. */
  firstChoice(pool: Pool, family: Family, namespace: string, name: string): Address | undefined {
    const value = this.#index.free(pool.name, family)?.firstChoice(hashText(pool.name, namespace, name));
    return value === undefined ? undefined : { family, value };
  }

  /**
   * The addresses that Services hold under the claimant's sharing key, in its
   * own namespace or in one that may share, lowest first; with what keeps each
   * from the claimant. None without a key.
   */
  sharedAddresses(claimant: Claimant, mayShare: MayShare, now: Millis): readonly SharedAddress[] {
    const { namespace, sharingKey } = claimant;
    if (sharingKey === undefined) return [];
    const claims = this.#sharing.under(sharingKey, (other) => other === namespace || mayShare(namespace, other));
    const addresses = [...claims].filter((claim) => claim.key !== claimant.key).flatMap((claim) => claim.addresses);
    const sorted = addresses.sort(compareAddresses);
    const each = sorted.filter(
      (address, index) => index === 0 || compareAddresses(sorted[index - 1] ?? address, address) !== 0,
    );
    return each.map((address) => ({
      address,
      pool: this.#index.at(address)?.pool,
      obstacle: this.obstacle(claimant, address, mayShare, now),
    }));
  }

  /**
   * Keeps addresses at once, until an AddressReservation of the same name and
   * content arrives in `configure`, the hold's own end, or `unhold`. A hold
   * without an end is a defect.
   */
  hold(reservation: Reservation, now: Millis): void {
    this.#advance(now);
    this.#apply(this.#reservations.hold(reservation, this.#now));
  }

  /** Ends what `hold` began; a name that isn't known is no matter. */
  unhold(name: string): void {
    this.#apply(this.#reservations.unhold(name));
  }

  /** When the next reservation ends by itself. */
  nextExpiry(): Millis | undefined {
    return this.#reservations.nextExpiry();
  }

  /** Every reservation over an address that isn't over, by name. */
  reservationsAt(address: Address, now: Millis): readonly Reservation[] {
    this.#advance(now);
    return this.#reservations.at(address);
  }

  /** Zero for an unknown pool. Without `now`, as of the latest time that the ledger was told. */
  counts(pool: string, now?: Millis): Counts {
    if (now !== undefined) this.#advance(now);
    return {
      IPv4: this.#index.free(pool, 'IPv4')?.counts() ?? noCounts,
      IPv6: this.#index.free(pool, 'IPv6')?.counts() ?? noCounts,
    };
  }

  /** What a namespace holds; with `exceptKey`, as it would be without that Service. */
  usage(namespace: string, exceptKey?: string): Usage {
    const claim = exceptKey === undefined ? undefined : this.get(exceptKey);
    if (claim?.namespace !== namespace) return this.#usage.read(namespace);
    const alone = claim.addresses.filter(
      (address) =>
        !isAmong(
          this.holders(address).filter((holder) => holder !== claim),
          namespace,
        ),
    );
    const places = alone.map((address) => ({ family: address.family, pool: this.#index.at(address)?.pool }));
    return this.#usage.readWithout(namespace, places);
  }

  /** The pool that an address lies in. */
  poolOf(address: Address): Pool | undefined {
    const stretch = this.#index.at(address);
    return stretch && this.#index.pool(stretch.pool);
  }

  /** The range of a pool that is closest to an address outside every pool; undefined where no pool has its family. */
  nearest(address: Address): NearestRange | undefined {
    return this.#index.nearest(address);
  }

  /**
   * Every holder that may not share an address with an elder one, as statuses
   * found in a cluster may have it; with `matters`, only clashes that it says
   * yes to count. Who lost already is nobody's elder. By address, then age.
   */
  conflicts(mayShare: MayShare, matters: (clash: Clash) => boolean = () => true): readonly Conflict[] {
    const conflicts: Conflict[] = [];
    for (const [address, holders] of this.#holdings.several()) {
      const keepers: Claim[] = [];
      for (const loser of holders) {
        const found = firstConflict(keepers, (elder) => clashes(loser, elder, mayShare).find(matters));
        if (found === undefined) keepers.push(loser);
        else conflicts.push({ address, loser, ...found });
      }
    }
    return conflicts.sort((a, b) => compareAddresses(a.address, b.address));
  }

  /** Claims with an address that lies in no pool, by key. */
  strays(): readonly Claim[] {
    return [...this.#strays].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Time only goes on: what is over stays over, also for a caller whose clock is behind. */
  #advance(now: Millis): void {
    if (now <= this.#now) return;
    this.#now = now;
    const next = this.#reservations.nextExpiry();
    if (next !== undefined && next <= now) this.#apply(this.#reservations.expire(now));
  }

  #apply(changes: readonly FamilyChange[]): void {
    for (const { family, first, last, before, after } of changes) {
      // A pool may lie there with several stretches; the second move finds nothing left.
      for (const { free } of this.#index.overlapping(family, first, last)) free.move(first, last, before, after);
    }
  }

  #reindex(pools: ReadonlyMap<string, Pool>): void {
    this.#index = new PoolIndex(pools);
    for (const family of ['IPv4', 'IPv6'] as const) {
      for (const { first, last, standing } of this.#reservations.pieces(family)) {
        this.#apply([{ family, first, last, before: open, after: standing }]);
      }
    }
    this.#usage.forgetPools();
    this.#strays.clear();
    for (const [address, holders] of this.#holdings.all()) {
      const stretch = this.#index.at(address);
      stretch?.free.take(address.value, this.#reservations.standing(address));
      for (const holder of holders) if (stretch === undefined) this.#strays.add(holder);
      const namespaces = new Set(holders.map((holder) => holder.namespace));
      for (const namespace of namespaces) if (stretch !== undefined) this.#usage.countPool(namespace, stretch.pool);
    }
  }

  #give(address: Address, claim: Claim): void {
    const stretch = this.#index.at(address);
    const before = this.#holdings.add(address, claim);
    if (stretch === undefined) this.#strays.add(claim);
    if (before.length === 0) stretch?.free.take(address.value, this.#reservations.standing(address));
    if (!isAmong(before, claim.namespace)) {
      this.#usage.countAddress(claim.namespace, address.family, stretch?.pool, 1);
    }
  }

  #takeBack(address: Address, claim: Claim): void {
    const stretch = this.#index.at(address);
    const after = this.#holdings.remove(address, claim);
    if (after.length === 0) stretch?.free.give(address.value, this.#reservations.standing(address));
    if (!isAmong(after, claim.namespace)) {
      this.#usage.countAddress(claim.namespace, address.family, stretch?.pool, -1);
    }
  }

  #kept(pool: Pool, family: Family, want: Want): Address | undefined {
    const free = this.#index.free(pool.name, family);
    return (
      this.#pick(free, `${want.namespace}/${want.name}`, family, want, pool) ??
      this.#pick(free, want.namespace, family, want, pool)
    );
  }

  #pick(
    free: FreeAddresses | undefined,
    owner: string | undefined,
    family: Family,
    want: Want,
    pool: Pool,
  ): Address | undefined {
    const { strategy, namespace, name } = want;
    const value = free?.next(owner, strategy === 'Stable' ? hashText(pool.name, namespace, name) : undefined);
    return value === undefined ? undefined : { family, value };
  }
}

function firstConflict(
  keepers: readonly Claim[],
  against: (keeper: Claim) => Clash | undefined,
): Pick<Conflict, 'keeper' | 'clash'> | undefined {
  for (const keeper of keepers) {
    const found = against(keeper);
    if (found !== undefined) return { keeper, clash: found };
  }
  return undefined;
}

function isAmong(holders: readonly Claim[], namespace: string): boolean {
  return holders.some((holder) => holder.namespace === namespace);
}

/** The pool is in it, so that two pools don't crowd the same corner. */
function hashText(pool: string, namespace: string, name: string): string {
  return `${namespace}/${name}/${pool}`;
}

/** Leaves out what repeats an earlier one. */
function distinct(addresses: readonly Address[]): readonly Address[] {
  if (addresses.length < 2) return addresses;
  return addresses.filter((address, index) => addresses.findIndex((other) => sameAddress(other, address)) === index);
}
