/** What could end a Service's wait. */
import type { Pool } from '../core/config/configuration.ts';
import type { ServiceRequest } from '../core/config/service-request.ts';
import { formatAddress } from '../core/net/address.ts';
import type { Decision, Refused, Waiting } from '../core/policy/decision.ts';
import type { Waiter } from './waiters.ts';

/**
 * The Service as a waiter; undefined where it has all that its pool could ever
 * give it. One with no pool, address, key or quota to wait for waits for a
 * change of itself or of the configuration.
 */
export function waiterOf(
  request: ServiceRequest,
  decision: Decision,
  pools: ReadonlyMap<string, Pool>,
): Waiter | undefined {
  const { key, namespace, createdAt, sharingKey } = request;
  const waiter = { key, namespace, createdAt, sharingKey };
  if (decision.kind !== 'assigned') return { ...waiter, ...awaited(request, decision) };
  if (decision.unmet !== undefined) return { ...waiter, ...awaited(request, decision.unmet) };
  // PreferDualStack with one family: the other one may come later, from the same pool.
  const { pool, addresses } = decision;
  const missing = request.families.filter((family) => !addresses.some((address) => address.family === family));
  const grows =
    request.familyPolicy === 'PreferDualStack' && pools.get(pool)?.families.some((each) => missing.includes(each));
  return grows ? { ...waiter, pools: [pool], addresses: [], quota: true, reason: 'OneFamilyOnly' } : undefined;
}

function awaited(
  request: ServiceRequest,
  unmet: Refused | Waiting,
): Pick<Waiter, 'pools' | 'addresses' | 'quota' | 'reason'> {
  const addresses = request.requestedAddresses.map(formatAddress);
  const { reason } = unmet;
  switch (reason) {
    // Where a quota stands in the way of any pool, that is the reason.
    case 'OutOfIPs':
      return { pools: poolsOf(unmet), addresses, quota: false, reason };
    case 'QuotaExceeded':
      return { pools: poolsOf(unmet), addresses, quota: true, reason };
    case 'AlreadyAllocated':
    case 'AlreadyAllocatedIncompatibleService':
    case 'AddressReserved':
    case 'NoPool':
    case 'PoolForbidden':
    case 'PoolSelectorMismatch':
    case 'AddressOutsidePools':
    case 'FamilyMismatch':
    case 'InvalidRequest':
      return { pools: [], addresses, quota: false, reason };
  }
}

/** A decision lists at most 10 candidates: a full list may be a shortened one. */
const listedCandidates = 10;

function poolsOf(unmet: Refused | Waiting): Waiter['pools'] {
  const { candidates } = unmet;
  if (unmet.kind === 'waiting' && unmet.pool !== undefined) return [unmet.pool];
  return candidates.length === 0 || candidates.length >= listedCandidates ? 'any' : candidates.map(({ pool }) => pool);
}
