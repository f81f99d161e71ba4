/** What a change of configuration does to running Services, in words. */
import { ALLOW_DISRUPTION } from '../api/names.ts';
import { formatAddress } from '../net/address.ts';
import type { Loss, Overlay } from '../policy/disruption.ts';
import { count, list, quote } from './text.ts';

export function disruptionSentence(
  kind: string,
  name: string,
  verb: 'change' | 'delete',
  losses: readonly Loss[],
): string {
  const services = [...new Set(losses.map(({ service }) => service))];
  const shown = list(
    losses.map(({ service, address }) => `${service} ${formatAddress(address)}`),
    3,
  );
  const one = services.length === 1;
  const who = `${count(services.length, 'Service')} would lose ${one ? 'its' : 'their'} address`;
  return (
    `Cannot ${verb} ${kind} ${quote(name)}: ${who} (${shown}); ` +
    `move ${one ? 'it' : 'them'} first, or set annotation ${ALLOW_DISRUPTION}: "true" on the ${kind}`
  );
}

/** `team-a/web would lose 10.0.0.5 of pool "edge"`. */
export function lossSentence({ service, address, pool }: Loss): string {
  return `${service} would lose ${formatAddress(address)}${pool === undefined ? '' : ` of pool ${quote(pool)}`}`;
}

/** A reservation over an address that another Service holds: legal, and without effect until it is released. */
export function overlayWarning({ reservation, address, holder }: Overlay): string {
  return `AddressReservation ${quote(reservation)} covers ${formatAddress(address)}, which ${holder} holds and keeps until it releases it`;
}
