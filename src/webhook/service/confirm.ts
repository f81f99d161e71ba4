/**
 * Whether a refusal still stands when the apiserver itself is asked. The cache
 * that a decision reads may be a moment behind: the holder of an address may be
 * gone, a pool may just have grown. Only what the refusal rests on is read, and
 * no more than a few objects.
 */
import { parseService } from '../../core/config/service.ts';
import type { ServiceRequest } from '../../core/config/service-request.ts';
import type { Claim } from '../../core/ipam/ledger.ts';
import { isOneOf } from '../../core/net/address.ts';
import { rangeContains } from '../../core/net/range.ts';
import type { Refused } from '../../core/policy/decision.ts';
import type { World } from '../../core/policy/world.ts';
import type { LiveReads } from '../live-reads.ts';

/** Services that are read to confirm one refusal; where more hold a pool, one that is gone changes little. */
const HOLDER_LIMIT = 8;

/** What a refusal rests on, as the cache has it. */
export interface Grounds {
  readonly namespace: string;
  readonly holders: readonly Claim[];
  readonly reservations: readonly string[];
}

/**
 * What must still be so for the refusal to stand; undefined where it rests on the Service alone.
 * Pools and the namespace's labels are always among it.
 */
export function groundsOf(refused: Refused, request: ServiceRequest, world: World): Grounds | undefined {
  const none: Grounds = { namespace: request.namespace, holders: [], reservations: [] };
  switch (refused.reason) {
    case 'InvalidRequest':
      return undefined;
    case 'AlreadyAllocated':
    case 'AlreadyAllocatedIncompatibleService':
      return { ...none, holders: sharersOf(request, world) };
    case 'AddressReserved':
      return { ...none, reservations: reservationsOf(request, world) };
    case 'OutOfIPs': {
      const pools = new Set(refused.candidates.map(({ pool }) => pool));
      return { ...none, holders: few([...world.ledger.claims()].filter(({ pool }) => pool && pools.has(pool))) };
    }
    case 'QuotaExceeded':
      return {
        ...none,
        holders: few([...world.ledger.claims()].filter(({ namespace }) => namespace === request.namespace)),
      };
    case 'NoPool':
    case 'PoolForbidden':
    case 'PoolSelectorMismatch':
    case 'AddressOutsidePools':
    case 'FamilyMismatch':
      return none;
  }
}

/**
 * Asks the apiserver; false as soon as one ground is no longer as the cache has it.
 *
 * @throws whatever a read throws; the caller then can't rely on the refusal.
 */
export async function stillStands(
  grounds: Grounds,
  world: World,
  reads: LiveReads,
  signal: AbortSignal,
): Promise<boolean> {
  const checks = await Promise.all([
    reads.poolGenerations(signal).then((live) => poolsAsCached(live, world)),
    reads.namespaceLabels(grounds.namespace, signal).then((live) => labelsAsCached(live, grounds.namespace, world)),
    ...grounds.holders.map(async (claim) => holds(await reads.service(claim.namespace, claim.name, signal), claim)),
    ...grounds.reservations.map((name) => reads.reservationExists(name, signal)),
  ]);
  return checks.every((asCached) => asCached);
}

function poolsAsCached(live: ReadonlyMap<string, number>, world: World): boolean {
  const { pools } = world.configuration;
  for (const [name, pool] of pools) if (live.get(name) !== pool.generation) return false;
  // A pool with a fault has no place in the configuration; any other that is missing there is news.
  for (const name of live.keys()) {
    if (!pools.has(name) && !world.configuration.problems.has(`IPAddressPool/${name}`)) return false;
  }
  return true;
}

function labelsAsCached(live: Readonly<Record<string, string>> | undefined, namespace: string, world: World): boolean {
  const cached = world.namespaceLabels(namespace);
  if (!live || !cached) return live === cached;
  const keys = Object.keys(live);
  return (
    keys.length === Object.keys(cached).length &&
    keys.every((key) => Object.hasOwn(cached, key) && cached[key] === live[key])
  );
}

/** A holder without an address yet is one whose status is on its way. */
function holds(live: Awaited<ReturnType<LiveReads['service']>>, claim: Claim): boolean {
  if (live?.spec.type !== 'LoadBalancer' || (claim.uid !== '' && live.metadata.uid !== claim.uid)) return false;
  const { held } = parseService(live);
  return held.length === 0 || claim.addresses.some((address) => isOneOf(address, held));
}

function sharersOf(request: ServiceRequest, world: World): readonly Claim[] {
  const addresses = [...request.requestedAddresses, ...request.held];
  return addresses
    .flatMap((address) => world.ledger.holders(address))
    .filter(({ key }) => key !== request.key)
    .slice(0, HOLDER_LIMIT);
}

/** Hold-downs aren't read: the controller keeps one from the moment of the release, its object follows. */
function reservationsOf(request: ServiceRequest, world: World): readonly string[] {
  return world.configuration.reservations
    .filter(({ holdDown, ranges }) => {
      return !holdDown && request.requestedAddresses.some((one) => ranges.some((range) => rangeContains(range, one)));
    })
    .map(({ name }) => name)
    .slice(0, HOLDER_LIMIT);
}

function few(claims: readonly Claim[]): readonly Claim[] {
  return claims.length <= HOLDER_LIMIT ? claims : [];
}
