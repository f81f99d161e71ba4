/** The status of an IPAddressPool: counts that kubectl shows, and conditions that Flux and people wait for. */
import type { Condition } from '../api/kubernetes.ts';
import type { Pool } from '../config/configuration.ts';
import type { Problem } from '../config/problem.ts';
import type { Conflict, Counts, FamilyCounts, Ledger } from '../ipam/ledger.ts';
import { type Family, formatAddress } from '../net/address.ts';
import type { Millis } from '../time.ts';
import { fullSentence } from './candidate.ts';
import { carryOn, findCondition } from './condition.ts';
import { problemSentence } from './problem.ts';
import { count, inOneLine } from './text.ts';
import { isNearlyFull, NEARLY_FULL_PERCENT } from './warnings.ts';

export interface PoolStatus {
  readonly observedGeneration: number;
  /** Addresses that at least one Service holds. */
  readonly assignedIPv4: number;
  readonly assignedIPv6: number;
  /** Addresses free for anybody, at most 2^53 - 1: JSON carries no larger number exactly. */
  readonly availableIPv4: number;
  readonly availableIPv6: number;
  /** Free addresses that reservations keep. */
  readonly reservedIPv4: number;
  readonly reservedIPv6: number;
  readonly conditions: readonly Condition[];
}

/**
 * The status of a pool that is in force. Ready is True also when it is full: a
 * full pool does what it was told to, and must not hold up a rollout.
 *
 * @param conflicts `conflictsIn(world)`, worked out once for all pools.
 */
export function poolStatus(
  pool: Pool,
  ledger: Ledger,
  conflicts: readonly Conflict[],
  previous: Partial<PoolStatus> | undefined,
  now: Millis,
): PoolStatus {
  const counts = ledger.counts(pool.name, now);
  const mine = conflicts.filter(({ address }) => ledger.poolOf(address)?.name === pool.name);
  return {
    observedGeneration: pool.generation,
    ...numbers(counts),
    conditions: [ready(pool), nearlyFull(pool, counts), exhausted(pool, counts), conflicting(mine)].map((each) =>
      carryOn({ ...each, observedGeneration: pool.generation }, findCondition(previous?.conditions, each.type), now),
    ),
  };
}

/** The status of a pool that isn't in force because of its problems. Its Services keep their addresses. */
export function faultyPoolStatus(
  problems: readonly Problem[],
  generation: number,
  previous: Partial<PoolStatus> | undefined,
  now: Millis,
): PoolStatus {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const message = inOneLine(errors.map(problemSentence));
  const faulty: Content = { type: 'Ready', status: 'False', reason: 'InvalidConfiguration', message };
  const stalled: Content = { type: 'Stalled', status: 'True', reason: 'InvalidConfiguration', message };
  return {
    observedGeneration: generation,
    assignedIPv4: previous?.assignedIPv4 ?? 0,
    assignedIPv6: previous?.assignedIPv6 ?? 0,
    availableIPv4: 0,
    availableIPv6: 0,
    reservedIPv4: 0,
    reservedIPv6: 0,
    conditions: [faulty, stalled].map((each) =>
      carryOn({ ...each, observedGeneration: generation }, findCondition(previous?.conditions, each.type), now),
    ),
  };
}

type Content = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function numbers(counts: Counts): Omit<PoolStatus, 'conditions' | 'observedGeneration'> {
  return {
    assignedIPv4: safe(counts.IPv4.assigned),
    assignedIPv6: safe(counts.IPv6.assigned),
    availableIPv4: safe(counts.IPv4.available),
    availableIPv6: safe(counts.IPv6.available),
    reservedIPv4: safe(counts.IPv4.reserved),
    reservedIPv6: safe(counts.IPv6.reserved),
  };
}

function safe(number: bigint): number {
  return number > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(number);
}

function ready(pool: Pool): Content {
  if (pool.deleting) {
    return {
      type: 'Ready',
      status: 'False',
      reason: 'Deleting',
      message: 'the pool is being deleted; its Services keep their addresses until it is gone',
    };
  }
  const size = count(pool.ranges.length, 'range');
  return { type: 'Ready', status: 'True', reason: 'InForce', message: `${size} in force` };
}

function nearlyFull(pool: Pool, counts: Counts): Content {
  const full = pool.families.filter((family) => isNearlyFull(used(counts[family]), counts[family].total));
  if (full.length === 0) {
    return {
      type: 'NearlyFull',
      status: 'False',
      reason: 'AddressesFree',
      message: `less than ${NEARLY_FULL_PERCENT} % of the addresses are used`,
    };
  }
  return { type: 'NearlyFull', status: 'True', reason: 'FewAddressesFree', message: states(full, counts) };
}

function exhausted(pool: Pool, counts: Counts): Content {
  const empty = pool.families.filter((family) => counts[family].available === 0n);
  if (empty.length === 0) {
    return {
      type: 'Exhausted',
      status: 'False',
      reason: 'AddressesFree',
      message: 'addresses of every family are free',
    };
  }
  return { type: 'Exhausted', status: 'True', reason: 'OutOfIPs', message: states(empty, counts) };
}

function used(counts: FamilyCounts): bigint {
  return counts.total - counts.available;
}

function states(families: readonly Family[], counts: Counts): string {
  return inOneLine(families.map((family) => fullSentence(family, counts[family], '', 0)));
}

function conflicting(conflicts: readonly Conflict[]): Content {
  const [first] = conflicts;
  if (first === undefined) {
    return {
      type: 'Conflicting',
      status: 'False',
      reason: 'NoConflict',
      message: 'no two Services hold one address against the rules',
    };
  }
  const more = conflicts.length === 1 ? '' : ` (and ${conflicts.length - 1} more)`;
  const message = `${formatAddress(first.address)} is held by ${first.keeper.key} and ${first.loser.key}, which may not share it${more}`;
  return { type: 'Conflicting', status: 'True', reason: 'AddressConflict', message };
}
