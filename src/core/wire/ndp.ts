/**
 * A Neighbor Discovery packet whole: IPv6 header, ICMPv6 header and message,
 * with the checks that RFC 4861 (sections 7.1.1 and 7.1.2) asks before a node
 * may believe it.
 */
import { type Address, addressFromBytes, addressToBytes } from '../net/address.ts';
import { fail, ok } from '../result.ts';
import { concatBytes, readUint16, uint16 } from './bytes.ts';
import type { Decoded } from './decoded.ts';
import { icmpv6Checksum } from './icmpv6-checksum.ts';
import { isMulticast, isSolicitedNodeGroup } from './multicast.ts';
import {
  decodeNeighborAdvertisement,
  encodeNeighborAdvertisement,
  type NeighborAdvertisement,
} from './neighbor-advertisement.ts';
import {
  decodeNeighborSolicitation,
  encodeNeighborSolicitation,
  type NeighborSolicitation,
} from './neighbor-solicitation.ts';

const IPV6_HEADER_BYTES = 40;
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
/** Only a packet that no router forwarded has it (RFC 4861, section 11.2). */
const HOP_LIMIT = 255;

export interface NdpPacket {
  readonly source: Address;
  readonly destination: Address;
  readonly message: NeighborSolicitation | NeighborAdvertisement;
}

/** Reads the payload of a frame of type 0x86dd; what follows the IPv6 payload is padding. */
export function decodeNdp(bytes: Uint8Array): Decoded<NdpPacket> {
  if (bytes.length < IPV6_HEADER_BYTES) return fail('truncated');
  if ((bytes[0] ?? 0) >> 4 !== 6) return fail('foreign-ip-version');
  if (bytes[6] !== ICMPV6) return fail('foreign-next-header');
  const length = readUint16(bytes, 4);
  if (bytes.length < IPV6_HEADER_BYTES + length) return fail('truncated');
  const icmp = bytes.subarray(IPV6_HEADER_BYTES, IPV6_HEADER_BYTES + length);
  if (icmp.length < 4) return fail('truncated');
  if (icmp[0] !== SOLICITATION && icmp[0] !== ADVERTISEMENT) return fail('unknown-message');
  if (bytes[7] !== HOP_LIMIT) return fail('forwarded-hop-limit');
  if (icmp[1] !== 0) return fail('unknown-code');
  const source = addressFromBytes(bytes.subarray(8, 24));
  const destination = addressFromBytes(bytes.subarray(24, 40));
  // A source is never a group (RFC 4291, section 2.7).
  if (isMulticast(source)) return fail('group-source');
  if (icmpv6Checksum(bytes.subarray(8, 24), bytes.subarray(24, 40), icmp) !== 0) return fail('bad-checksum');
  return icmp[0] === SOLICITATION
    ? decodeSolicitation(source, destination, icmp.subarray(4))
    : decodeAdvertisement(source, destination, icmp.subarray(4));
}

function decodeSolicitation(source: Address, destination: Address, body: Uint8Array): Decoded<NdpPacket> {
  const message = decodeNeighborSolicitation(body);
  if (!message.ok) return message;
  if (source.value === 0n) {
    // Duplicate address detection (RFC 4862, section 5.4.2): asked in the group, and without a link-layer address.
    if (!isSolicitedNodeGroup(destination)) return fail('unspecified-to-foreign-group');
    if (message.value.options.some((o) => o.kind === 'source-link-layer')) return fail('option-from-unspecified');
  }
  return ok({ source, destination, message: message.value });
}

function decodeAdvertisement(source: Address, destination: Address, body: Uint8Array): Decoded<NdpPacket> {
  const message = decodeNeighborAdvertisement(body);
  if (!message.ok) return message;
  if (message.value.solicited && isMulticast(destination)) return fail('solicited-to-group');
  return ok({ source, destination, message: message.value });
}

/** The IPv6 packet's bytes, hop limit and checksum filled in. */
export function encodeNdp(packet: NdpPacket): Uint8Array {
  const source = addressToBytes(packet.source);
  const destination = addressToBytes(packet.destination);
  const [type, body] =
    packet.message.kind === 'neighbor-solicitation'
      ? [SOLICITATION, encodeNeighborSolicitation(packet.message)]
      : [ADVERTISEMENT, encodeNeighborAdvertisement(packet.message)];
  const icmp = concatBytes([type, 0, 0, 0], body);
  icmp.set(uint16(icmpv6Checksum(source, destination, icmp)), 2);
  return concatBytes([0x60, 0, 0, 0], uint16(icmp.length), [ICMPV6, HOP_LIMIT], source, destination, icmp);
}
