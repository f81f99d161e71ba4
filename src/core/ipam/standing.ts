/** To whom a free address may be given, as the reservations over it say together. */
import type { Reservation } from '../config/configuration.ts';

export type Standing = Open | Kept;

export interface Open {
  readonly kind: 'open';
}

export interface Kept {
  /** `held`: by hold-downs alone. */
  readonly kind: 'reserved' | 'held';
  /** A namespace, or `namespace/name`; `nobody` where reservations contradict each other. */
  readonly owner: string;
}

/** No namespace has an empty name. */
export const nobody = '';

export const open: Open = { kind: 'open' };

/** Whom a reservation serves: a namespace, `namespace/name`, or nobody where a stranger has the addresses. */
export function ownerOf(reservation: Reservation): string {
  if (reservation.contestedBy !== undefined) return nobody;
  return reservation.service === undefined ? reservation.namespace : `${reservation.namespace}/${reservation.service}`;
}

/** Tells whether a reservation lets a Service have its addresses. */
export function admits(reservation: Reservation, namespace: string, name: string): boolean {
  if (reservation.contestedBy !== undefined) return false;
  return reservation.namespace === namespace && (reservation.service === undefined || reservation.service === name);
}

/**
 * What several reservations over one address mean: only who is admitted by all
 * of them may have it. So a hold-down for one Service inside the range of its
 * namespace keeps the address from the namespace's other Services, and two
 * namespaces over one address keep it from everybody.
 */
export function standingOf(reservations: readonly Reservation[]): Standing {
  const [first, ...others] = reservations;
  if (first === undefined) return open;
  const owner = others.map(ownerOf).reduce(narrower, ownerOf(first));
  return { kind: reservations.every((reservation) => reservation.holdDown) ? 'held' : 'reserved', owner };
}

export function sameStanding(a: Standing, b: Standing): boolean {
  if (a.kind === 'open' || b.kind === 'open') return a.kind === b.kind;
  return a.kind === b.kind && a.owner === b.owner;
}

function narrower(a: string, b: string): string {
  if (a === b || b.startsWith(`${a}/`)) return b;
  return a.startsWith(`${b}/`) ? a : nobody;
}
