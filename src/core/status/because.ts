/** Why a pool was chosen, or a step passed: one sentence a step, without a full stop. */
import { NAMESPACE_POOL, ON_CONFLICT } from '../api/names.ts';
import type { Pool } from '../config/configuration.ts';
import { type Address, type Family, formatAddress } from '../net/address.ts';
import type { Trial } from '../policy/allocate.ts';
import type { Released } from '../policy/decision.ts';
import type { Tried } from '../policy/failure.ts';
import { candidateSentence } from './candidate.ts';
import { addresses, field, inOneLine, list, quote } from './text.ts';

// What the Service holds.
export function heldNothing(): string {
  return 'the Service holds no address yet';
}

export function keeps(kept: readonly Address[], pool: string): string {
  return `the Service holds ${addresses(kept)} in pool ${quote(pool)} and keeps ${kept.length === 1 ? 'it' : 'them'}`;
}

export function grows(added: readonly Address[], pool: string): string {
  return `pool ${quote(pool)}, which serves the Service already, also gives ${addresses(added)}`;
}

export function lost(released: readonly Released[]): string {
  return inOneLine(
    released.map(({ address, because }) => `the Service can't keep ${formatAddress(address)}: it ${because}`),
  );
}

export function outsidePools(): string {
  return 'lies in no pool';
}

export function familyGone(family: Family): string {
  return `is ${family}, which the Service no longer asks for`;
}

export function secondOfFamily(first: Address): string {
  return `is a second ${first.family} address beside ${formatAddress(first)}`;
}

export function yieldsTo(elder: string): string {
  return `is also held by ${elder}, which is older`;
}

export function claimedBy(mac: string): string {
  return `is claimed by another host, ${mac}`;
}

export function movesAway(from: readonly Address[], pool: string): string {
  const others = from.length === 1 ? 'another host has' : 'other hosts have';
  return `annotation ${ON_CONFLICT} of pool ${quote(pool)} is Move, and ${others} ${addresses(from)}`;
}

export function givenUp(): string {
  return 'is not what the Service asks for now';
}

// What the Service asks for.
export function asksForNoAddress(): string {
  return 'the Service asks for no address';
}

export function asksForAddress(asked: readonly Address[], from: string, pool: string): string {
  return `${field(from)} asks for ${addresses(asked)} of pool ${quote(pool)}`;
}

export function asksForNoPool(): string {
  return 'the Service names no pool';
}

export function asksForPool(from: string, pool: string): string {
  return `${field(from)} names pool ${quote(pool)}`;
}

export function assignedAtAdmission(pool: string): string {
  return `pool ${quote(pool)} was assigned at admission`;
}

// What the platform says.
export function nothingReserved(): string {
  return 'no free address is reserved for the Service or its namespace';
}

export function reservedNotUsable(tried: readonly Tried[]): string {
  return `what is reserved for the Service can't be had: ${states(tried)}`;
}

export function reservedFor(
  by: { readonly reservation: string; readonly exact: boolean; readonly address: Address },
  pool: string,
): string {
  const whom = by.exact ? 'this Service' : 'its namespace';
  return `AddressReservation ${quote(by.reservation)} keeps ${formatAddress(by.address)} of pool ${quote(pool)} for ${whom}`;
}

export function namespaceUnknown(namespace: string): string {
  return `namespace ${namespace} isn't known, so none of its labels count`;
}

export function noNamespaceLabel(namespace: string): string {
  return `namespace ${namespace} has no label ${NAMESPACE_POOL}`;
}

export function labelNamesPool(namespace: string, pool: string): string {
  return `label ${NAMESPACE_POOL} of namespace ${namespace} names pool ${quote(pool)}`;
}

export function noPolicyNamesPools(matching: readonly string[]): string {
  if (matching.length === 0) return 'no AddressPolicy matches the Service';
  return `no AddressPolicy that matches the Service names pools (${list(matching.map(quote))})`;
}

export function policyNames(policy: string, pool: string): string {
  return `AddressPolicy ${quote(policy)} names pool ${quote(pool)}`;
}

export function overflowsTo(policy: string, pool: string, full: readonly Tried[]): string {
  return `AddressPolicy ${quote(policy)} overflows to pool ${quote(pool)} (${states(full)})`;
}

export function nothingPinned(): string {
  return 'no automatic pool is pinned to the Service by serviceAllocation';
}

export function pinnedFull(tried: readonly Tried[]): string {
  return `no pool pinned to the Service can serve: ${states(tried)}`;
}

export function pinnedTo(pool: Pool): string {
  const priority = pool.serviceAllocation?.priority ?? Number.POSITIVE_INFINITY;
  const with_ = Number.isFinite(priority) ? ` with priority ${priority}` : '';
  return `pool ${quote(pool.name)} is pinned to the Service by its serviceAllocation${with_}`;
}

export function openToAll(pool: string): string {
  return `pool ${quote(pool)} is given to every Service that names none`;
}

/** What a PreferDualStack Service goes without for now; '' where it has every family. */
export function onlySome({ addresses: found, passed }: Trial): string {
  const [first] = found;
  return passed === undefined || first === undefined ? '' : `, ${first.family} only: the pool ${half(passed)}`;
}

function half(passed: Tried['passed']): string {
  return passed.why === 'full' ? `has ${candidateSentence(passed)}` : candidateSentence(passed);
}

function states(tried: readonly Tried[]): string {
  return list(
    tried.map(({ pool, passed }) => `${quote(pool)} ${half(passed)}`),
    3,
  );
}
