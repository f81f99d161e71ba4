/** The addresses that one pool can give one Service. */
import type { Pool } from '../config/configuration.ts';
import { type Address, type Family, isOneOf } from '../net/address.ts';
import type { Ask } from './ask.ts';
import type { PassedOver } from './failure.ts';
import { shutOut } from './permission.ts';
import { quotaReached } from './quota.ts';

export interface Trial {
  readonly pool: Pool;
  /** One a family that can be served, in the request's family order. */
  readonly addresses: readonly Address[];
  /** Why a family that was asked for isn't served; the first one. */
  readonly passed: PassedOver | undefined;
}

/**
 * Looks for an address of each family in a pool; changes nothing. Within the
 * pool, first what the Service holds already, then what is reserved for it by
 * name, then an address under its sharing key that takes it (as MetalLB does),
 * then the next free one by the strategy.
 *
 * @param fixed Addresses that are settled already, at most one a family.
 * @returns Every family, or with `want: 'any'` what can be had, or no address at all.
 */
export function tryPool(ask: Ask, pool: Pool, fixed: readonly Address[] = []): Trial {
  const addresses: Address[] = [];
  let passed: PassedOver | undefined;
  for (const family of ask.families) {
    const found = fixed.find((address) => address.family === family) ?? addressFor(ask, pool, family);
    const quota = found && quotaReached(ask, pool.name, [...addresses, found]);
    if (found !== undefined && quota === undefined) addresses.push(found);
    else passed ??= quota ? { why: 'quota', quota } : whyNone(ask, pool, family);
  }
  const enough = ask.want === 'any' ? addresses.length > 0 : addresses.length === ask.families.length;
  return { pool, addresses: enough ? addresses : [], passed };
}

function addressFor(ask: Ask, pool: Pool, family: Family): Address | undefined {
  const { request, world, claimant, sharing } = ask;
  const { ledger, now } = world;
  const usable = (address: Address): boolean =>
    address.family === family &&
    !isOneOf(address, ask.unwanted) &&
    ledger.poolOf(address)?.name === pool.name &&
    ledger.obstacle(claimant, address, sharing, now) === undefined;

  const own = [...ask.held, ...(ownClaim(ask)?.addresses ?? [])].find(usable);
  if (own !== undefined) return own;
  const reserved = ledger.reservedFor(request.namespace, request.name, pool, family, now);
  if (reserved !== undefined && isReservedByName(ask, reserved)) return reserved;
  // A pool that is pinned to others gives what the platform reserved in it, and nothing beside.
  if (shutOut(pool, ask) !== undefined) return reserved;
  const shared = ledger.sharedAddresses(claimant, sharing, now);
  const joined = shared.find(
    ({ address, pool: name, obstacle }) =>
      address.family === family && name === pool.name && obstacle === undefined && !isOneOf(address, ask.unwanted),
  );
  if (joined !== undefined) return joined.address;
  const { strategy } = ask.rules;
  return ledger.next(pool, family, { namespace: request.namespace, name: request.name, strategy, now });
}

/** While a status is being written, the claim is ahead of it; choosing anew would give another address each time. */
function ownClaim(ask: Ask): { readonly addresses: readonly Address[] } | undefined {
  const claim = ask.world.ledger.get(ask.request.key);
  return claim?.uid === ask.request.uid ? claim : undefined;
}

function isReservedByName(ask: Ask, address: Address): boolean {
  const { ledger, now } = ask.world;
  return ledger.reservationsAt(address, now).some((reservation) => reservation.service === ask.request.name);
}

function whyNone(ask: Ask, pool: Pool, family: Family): PassedOver {
  if (!pool.families.includes(family)) return { why: 'lacks-family', family };
  const pinned = shutOut(pool, ask);
  if (pinned !== undefined) return { why: 'pinned', pinned };
  const counts = ask.world.ledger.counts(pool.name, ask.world.now)[family];
  const { namespace } = ask.request;
  return { why: 'full', family, counts, namespace, own: ask.usage().now.perPool.get(pool.name) ?? 0 };
}
