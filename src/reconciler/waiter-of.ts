/** What could end a Service's wait. */
import type { ServiceRequest } from '../core/config/service-request.ts';
import { formatAddress } from '../core/net/address.ts';
import type { Decision, Refused, Waiting } from '../core/policy/decision.ts';
import type { Waiter } from './waiters.ts';

/**
 * The Service as a waiter; undefined where it has all that it asks for. One
 * with no pool, address, key or quota to wait for waits for a change of itself
 * or of the configuration.
 */
export function waiterOf(request: ServiceRequest, decision: Decision): Waiter | undefined {
  const { key, namespace, createdAt, sharingKey } = request;
  const waiter = { key, namespace, createdAt, sharingKey };
  if (decision.kind !== 'assigned') return { ...waiter, ...awaited(request, decision) };
  if (decision.unmet !== undefined) return { ...waiter, ...awaited(request, decision.unmet) };
  // PreferDualStack with one family: the other one may come later, from the same pool.
  if (request.familyPolicy === 'PreferDualStack' && decision.addresses.length < request.families.length) {
    return { ...waiter, pools: [decision.pool], addresses: [], quota: true, reason: 'OneFamilyOnly' };
  }
  return undefined;
}

function awaited(
  request: ServiceRequest,
  unmet: Refused | Waiting,
): Pick<Waiter, 'pools' | 'addresses' | 'quota' | 'reason'> {
  const addresses = request.requestedAddresses.map(formatAddress);
  const { reason } = unmet;
  switch (reason) {
    case 'OutOfIPs':
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
