/**
 * The nftables ruleset that answers for ports that no Service has.
 *
 * Traffic to an announced address on a port without a rule of the service
 * proxy would be routed out again: the host asks for an address that it
 * answers for itself, and sends ICMP redirects to a client that then hangs.
 */
import { type Address, type Family, formatAddress } from '../net/address.ts';

/** Of Berth's own; nothing else is touched. */
export const FILTER_TABLE = 'berth';

/**
 * Text for `nft -f -` that replaces Berth's table in one transaction; without
 * addresses it removes the table. Destination NAT is done at priority -100:
 * what still carries our address at -50 matched no port.
 */
export function renderUnmatchedPortFilter(addresses: readonly Address[]): string {
  // Declared first, so that the deletion is no error where there is none.
  const clear = `table inet ${FILTER_TABLE}\ndelete table inet ${FILTER_TABLE}\n`;
  if (addresses.length === 0) return clear;
  return `${clear}table inet ${FILTER_TABLE} {
  comment "Berth: ports of announced addresses that no Service has"
  set announced4 {
    type ipv4_addr
    ${renderElements(addresses, 'IPv4')}
  }
  set announced6 {
    type ipv6_addr
    ${renderElements(addresses, 'IPv6')}
  }
  chain unmatched-port {
    type filter hook prerouting priority -50; policy accept;
    ip daddr @announced4 ct status & dnat == 0 jump refuse
    ip6 daddr @announced6 ct status & dnat == 0 jump refuse
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
}
`;
}

function renderElements(addresses: readonly Address[], family: Family): string {
  const elements = addresses.filter((each) => each.family === family).map(formatAddress);
  return elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }`;
}
