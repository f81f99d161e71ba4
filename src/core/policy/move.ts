/**
 * Whether a Service is given another address in place of one that a host
 * outside the cluster has: only where its pool says Move, where nobody chose
 * the address, and where no client can know it yet.
 */
import type { ServiceRequest } from '../config/service-request.ts';
import { type Address, isOneOf, sameAddress } from '../net/address.ts';
import { type Contested, exchange } from './exchange.ts';
import type { World } from './world.ts';

export interface Contest extends Contested {
  /** Neither its node nor the Service knows that it was ever announced. */
  readonly unannounced: boolean;
}

/**
 * Why a Service stays at an address that another host has:
 * - `Announced`: clients may use it, or know it;
 * - `Requested`: the Service asks for this very address;
 * - `Reserved`: an AddressReservation keeps it for the Service;
 * - `Shared`: other Services are on it;
 * - `TooMany`: so many addresses of the pool are set aside that it can't be chance;
 * - `NoOther`: the pool has nothing to give in its place.
 */
export type Stay = 'Announced' | 'Requested' | 'Reserved' | 'Shared' | 'TooMany' | 'NoOther';

export type Verdict = { readonly kind: 'move' } | { readonly kind: 'stay'; readonly why: Stay };

/**
 * A host that answers for every address (a router with proxy ARP, a pool over
 * the range of a DHCP server) must not drive Services through a whole pool.
 */
export const MOST_SET_ASIDE = 8;

/**
 * What is to be done about one address; undefined where its pool doesn't say Move.
 *
 * @param setAside Addresses that are kept from everybody because other hosts have them.
 */
export function judgeContest(
  request: ServiceRequest,
  world: World,
  contest: Contest,
  setAside: readonly Address[],
): Verdict | undefined {
  const { ledger } = world;
  const pool = ledger.poolOf(contest.address);
  if (pool?.onConflict !== 'Move') return undefined;
  const why = whyNot(request, world, contest);
  if (why !== undefined) return { kind: 'stay', why };
  const others = setAside.filter((each) => ledger.poolOf(each) === pool && !sameAddress(each, contest.address));
  if (others.length >= MOST_SET_ASIDE) return { kind: 'stay', why: 'TooMany' };
  if (exchange(request, world, [contest]) === undefined) return { kind: 'stay', why: 'NoOther' };
  return { kind: 'move' };
}

function whyNot(request: ServiceRequest, world: World, { address, unannounced }: Contest): Stay | undefined {
  if (isOneOf(address, request.requestedAddresses)) return 'Requested';
  if (isReservedByName(request, world, address)) return 'Reserved';
  if (!unannounced) return 'Announced';
  const { ledger } = world;
  return ledger.holders(address).some(({ key }) => key !== request.key) ? 'Shared' : undefined;
}

/** A hold-down is no choice of anybody's. */
function isReservedByName({ namespace, name }: ServiceRequest, { ledger, now }: World, address: Address): boolean {
  return ledger
    .reservationsAt(address, now)
    .some((each) => !each.holdDown && each.namespace === namespace && each.service === name);
}
