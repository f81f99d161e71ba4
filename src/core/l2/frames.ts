/** The frames that Berth sends: answers, announcements and probes. */
import type { Address } from '../net/address.ts';
import { broadcastMac, type Mac } from '../net/mac.ts';
import { encodeArp } from '../wire/arp.ts';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6, encodeEthernet } from '../wire/ethernet.ts';
import { ALL_NODES, multicastMac, solicitedNodeGroup, UNSPECIFIED_IPV4, UNSPECIFIED_IPV6 } from '../wire/multicast.ts';
import { encodeNdp } from '../wire/ndp.ts';
import type { Asker } from './sighting.ts';

const NOBODY: Mac = { value: 0 };

/** The answer to a question for `address`: it is at `mac`. */
export function answerFrame(address: Address, mac: Mac, asker: Asker): Uint8Array {
  if (address.family === 'IPv6') return advertisement(address, mac, asker);
  return arpFrame(asker.mac, mac, {
    operation: 'reply',
    senderMac: mac,
    senderAddress: address,
    targetMac: asker.mac,
    targetAddress: asker.address,
  });
}

/**
 * Tells everybody unasked. IPv4: a gratuitous request and a gratuitous reply,
 * since some receivers heed only one of the two (RFC 5227, section 3 prefers
 * the request). IPv6: an advertisement with Override (RFC 4861, section 7.2.6).
 */
export function announcementFrames(address: Address, mac: Mac): readonly Uint8Array[] {
  if (address.family === 'IPv6') return [advertisement(address, mac, undefined)];
  const packet = { senderMac: mac, senderAddress: address, targetAddress: address };
  return [
    arpFrame(broadcastMac, mac, { ...packet, operation: 'request', targetMac: NOBODY }),
    arpFrame(broadcastMac, mac, { ...packet, operation: 'reply', targetMac: broadcastMac }),
  ];
}

/** Asks whether anybody has the address, claiming nothing (RFC 5227, section 2.1.1; RFC 4862, section 5.4.2). */
export function probeFrame(address: Address, mac: Mac): Uint8Array {
  if (address.family === 'IPv4') {
    return arpFrame(broadcastMac, mac, {
      operation: 'request',
      senderMac: mac,
      senderAddress: UNSPECIFIED_IPV4,
      targetMac: NOBODY,
      targetAddress: address,
    });
  }
  const destination = solicitedNodeGroup(address);
  return encodeEthernet({
    destination: multicastMac(destination),
    source: mac,
    etherType: ETHER_TYPE_IPV6,
    payload: encodeNdp({
      source: UNSPECIFIED_IPV6,
      destination,
      message: { kind: 'neighbor-solicitation', target: address, options: [] },
    }),
  });
}

function arpFrame(destination: Mac, source: Mac, packet: Parameters<typeof encodeArp>[0]): Uint8Array {
  return encodeEthernet({ destination, source, etherType: ETHER_TYPE_ARP, payload: encodeArp(packet) });
}

/** To the asker; to everybody where there is none, or where it is still without an address (RFC 4861, section 7.2.4). */
function advertisement(address: Address, mac: Mac, asker: Asker | undefined): Uint8Array {
  const solicited = asker !== undefined && asker.address.value !== 0n;
  const destination = solicited ? asker.address : ALL_NODES;
  return encodeEthernet({
    destination: solicited ? asker.mac : multicastMac(ALL_NODES),
    source: mac,
    etherType: ETHER_TYPE_IPV6,
    payload: encodeNdp({
      // As the kernel does for an address of its own: the target speaks for itself.
      source: address,
      destination,
      message: {
        kind: 'neighbor-advertisement',
        router: false,
        solicited,
        override: true,
        target: address,
        options: [{ kind: 'target-link-layer', mac }],
      },
    }),
  });
}
