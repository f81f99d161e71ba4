/** What the status of each configuration kind says; pure. */
import type { Condition, KubeObject } from '../core/api/kubernetes.ts';
import type { Problem } from '../core/config/problem.ts';
import type { Conflict } from '../core/ipam/ledger.ts';
import { type Address, formatAddress } from '../core/net/address.ts';
import { rangeContains, rangeSize } from '../core/net/range.ts';
import type { World } from '../core/policy/world.ts';
import { faultyPoolStatus, poolStatus } from '../core/status/pool-status.ts';
import { readyConditions } from '../core/status/ready.ts';

/** As much of a status as is read back. */
export interface PreviousStatus {
  readonly conditions?: readonly Condition[];
}

export type Status = { readonly observedGeneration: number; readonly conditions: readonly Condition[] } & Readonly<
  Record<string, unknown>
>;

/** Of an IPAddressPool. */
export function statusOfPool(
  object: KubeObject,
  previous: PreviousStatus | undefined,
  world: World,
  conflicts: readonly Conflict[],
): Status {
  const pool = world.configuration.pools.get(object.metadata.name);
  if (pool !== undefined) return { ...poolStatus(pool, world.ledger, conflicts, previous, world.now) };
  const problems = problemsOf(world, 'IPAddressPool', object);
  return { ...faultyPoolStatus(problems, object.metadata.generation ?? 0, previous, world.now) };
}

/** Of an AddressPolicy; `members`: keys of the Services with addresses that it matches. */
export function statusOfPolicy(
  object: KubeObject,
  previous: PreviousStatus | undefined,
  world: World,
  members: ReadonlySet<string>,
): Status {
  const namespaces = new Set<string>();
  const addresses = { IPv4: new Set<string>(), IPv6: new Set<string>() };
  let services = 0;
  for (const key of members) {
    const claim = world.ledger.get(key);
    if (claim === undefined) continue;
    services++;
    namespaces.add(claim.namespace);
    for (const address of claim.addresses) addresses[address.family].add(formatAddress(address));
  }
  return {
    namespaces: namespaces.size,
    services,
    assignedIPv4: addresses.IPv4.size,
    assignedIPv6: addresses.IPv6.size,
    ...ready(object, previous, world, 'AddressPolicy'),
  };
}

/** Of an AddressReservation; `held`: every address that a Service holds. */
export function statusOfReservation(
  object: KubeObject,
  previous: PreviousStatus | undefined,
  world: World,
  held: readonly Address[],
): Status {
  const reservation = world.configuration.reservations.find(({ name }) => name === object.metadata.name);
  const ranges = reservation?.ranges ?? [];
  const size = ranges.reduce((sum, range) => sum + rangeSize(range), 0n);
  const assigned = held.filter((address) => ranges.some((range) => rangeContains(range, address))).length;
  return {
    reserved: Number(size > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : size),
    assigned,
    ...ready(object, previous, world, 'AddressReservation'),
  };
}

function ready(
  object: KubeObject,
  previous: PreviousStatus | undefined,
  world: World,
  kind: string,
): Pick<Status, 'observedGeneration' | 'conditions'> {
  const generation = object.metadata.generation ?? 0;
  const conditions = readyConditions(problemsOf(world, kind, object), generation, previous?.conditions, world.now);
  return { observedGeneration: generation, conditions };
}

function problemsOf(world: World, kind: string, object: KubeObject): readonly Problem[] {
  return world.configuration.problems.get(`${kind}/${object.metadata.name}`) ?? [];
}
