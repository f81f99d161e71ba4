/**
 * What the ledger must answer, worked out the slow way: by asking every
 * address, every claim and every reservation each time. For small pools only.
 */
import type { Configuration, Pool, Reservation } from '../../src/core/config/configuration.ts';
import { compareAge } from '../../src/core/ipam/claim.ts';
import type { Claim, Claimant, FamilyCounts, MayShare, Usage, Want } from '../../src/core/ipam/ledger.ts';
import { clash } from '../../src/core/ipam/sharing.ts';
import { stableHash } from '../../src/core/ipam/stable-hash.ts';
import { type Address, type Family, formatAddress, sameAddress } from '../../src/core/net/address.ts';
import { rangeContains } from '../../src/core/net/range.ts';

export class NaiveLedger {
  pools: readonly Pool[] = [];
  configured: readonly Reservation[] = [];
  readonly holds = new Map<string, Reservation>();
  readonly claims = new Map<string, Claim>();
  now = 0;

  configure(configuration: Configuration, now: number): void {
    this.now = now;
    this.pools = [...configuration.pools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.configured = configuration.reservations;
  }

  claim(claim: Claim): void {
    this.claims.delete(claim.key);
    if (claim.addresses.length > 0) this.claims.set(claim.key, claim);
  }

  /** Where two pools overlap, the first by name. */
  poolOf(address: Address): Pool | undefined {
    return this.pools.find((pool) => pool.ranges.some((range) => rangeContains(range, address)));
  }

  holders(address: Address): Claim[] {
    const holds = (claim: Claim): boolean => claim.addresses.some((other) => sameAddress(other, address));
    return [...this.claims.values()].filter(holds).sort(compareAge);
  }

  reservationsAt(address: Address): Reservation[] {
    return [...this.configured, ...this.holds.values()]
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > this.now)
      .filter(({ ranges }) => ranges.some((range) => rangeContains(range, address)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Every address of a pool in one family, in order. */
  addresses(pool: Pool, family: Family): Address[] {
    const all: Address[] = [];
    for (const range of pool.ranges) {
      if (range.family !== family) continue;
      for (let value = range.first; value <= range.last; value++) all.push({ family, value });
    }
    return all.filter((address) => this.poolOf(address)?.name === pool.name);
  }

  next(pool: Pool, family: Family, want: Want): Address | undefined {
    const given = this.addresses(pool, family).filter((address) => !isAvoided(pool, address));
    const place = want.strategy === 'Stable' && given.length > 0 ? this.#place(pool, want, given.length) : 0;
    const inTurn = [...given.slice(place), ...given.slice(0, place)];
    const free = inTurn.filter((address) => this.holders(address).length === 0);
    for (const nearness of [0, 1, 2]) {
      const found = free.find((address) => this.#nearness(address, want) === nearness);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** 0: kept for this very Service; 1: for its namespace; 2: open to all; 3: kept for somebody else. */
  #nearness(address: Address, { namespace, name }: { namespace: string; name: string }): number {
    const reservations = this.reservationsAt(address);
    if (reservations.length === 0) return 2;
    const isMine = ({ namespace: owner, service, contestedBy }: Reservation): boolean =>
      contestedBy === undefined && owner === namespace && (service === undefined || service === name);
    if (!reservations.every(isMine)) return 3;
    return reservations.some(({ service }) => service !== undefined) ? 0 : 1;
  }

  #place(pool: Pool, want: Want, count: number): number {
    return Number(stableHash(`${want.namespace}/${want.name}/${pool.name}`, BigInt(count)));
  }

  /** The kind of obstacle and the holder or reservation that it names, as one word. */
  obstacle(claimant: Claimant, address: Address, mayShare: MayShare): string | undefined {
    if (this.poolOf(address) === undefined) return 'outside-pools';
    for (const holder of this.holders(address)) {
      const found = holder.key === claimant.key ? undefined : clash(claimant, holder, mayShare);
      if (found !== undefined) return `${found.why} ${holder.key}`;
    }
    if (this.holders(address).some(({ key }) => key === claimant.key)) return undefined;
    if (this.#nearness(address, claimant) < 3) return undefined;
    return 'reserved';
  }

  /** `address keeper loser`, as far as `everywhere` goes. */
  conflicts(everywhere: readonly Address[], mayShare: MayShare): string[] {
    return everywhere.flatMap((address) => {
      const keepers: Claim[] = [];
      return this.holders(address).flatMap((holder) => {
        const keeper = keepers.find((elder) => clash(holder, elder, mayShare) !== undefined);
        if (keeper === undefined) keepers.push(holder);
        return keeper === undefined ? [] : [`${formatAddress(address)} ${keeper.key} ${holder.key}`];
      });
    });
  }

  counts(pool: Pool, family: Family): FamilyCounts {
    const counts = { total: 0n, assigned: 0n, reserved: 0n, held: 0n, avoided: 0n, available: 0n };
    for (const address of this.addresses(pool, family)) {
      counts.total++;
      const reservations = this.reservationsAt(address);
      if (this.holders(address).length > 0) counts.assigned++;
      else if (isAvoided(pool, address)) counts.avoided++;
      else if (reservations.length === 0) counts.available++;
      else if (reservations.every(({ holdDown }) => holdDown)) counts.held++;
      else counts.reserved++;
    }
    return counts;
  }

  usage(namespace: string, exceptKey?: string): Usage {
    const claims = [...this.claims.values()].filter((one) => one.namespace === namespace && one.key !== exceptKey);
    const distinct: Address[] = [];
    for (const address of claims.flatMap(({ addresses }) => addresses)) {
      if (!distinct.some((other) => sameAddress(other, address))) distinct.push(address);
    }
    const perPool = new Map<string, number>();
    for (const address of distinct) {
      const pool = this.poolOf(address)?.name;
      if (pool !== undefined) perPool.set(pool, (perPool.get(pool) ?? 0) + 1);
    }
    const ofFamily = (family: Family): number => distinct.filter((address) => address.family === family).length;
    return { services: claims.length, addresses: { IPv4: ofFamily('IPv4'), IPv6: ofFamily('IPv6') }, perPool };
  }
}

function isAvoided(pool: Pool, { family, value }: Address): boolean {
  return pool.avoidBuggyIPs && family === 'IPv4' && (value % 256n === 0n || value % 256n === 255n);
}
