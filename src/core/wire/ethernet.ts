/** Ethernet II frames (IEEE 802.3, clause 3): the envelope of ARP and NDP. */
import { type Mac, macFromBytes, macToBytes } from '../net/mac.ts';
import { fail, ok } from '../result.ts';
import { concatBytes, readUint16, uint16 } from './bytes.ts';
import type { Decoded } from './decoded.ts';

export const ETHER_TYPE_ARP = 0x0806;
export const ETHER_TYPE_IPV6 = 0x86dd;

/** 802.1Q and 802.1ad: a tagged frame belongs to a VLAN interface, which has a socket of its own. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const HEADER_BYTES = 14;
/** 802.3 frames below this carry a length there instead of a type. */
const LOWEST_ETHER_TYPE = 0x0600;

export interface EthernetFrame {
  readonly destination: Mac;
  readonly source: Mac;
  readonly etherType: number;
  /** Without the frame check sequence; may end in padding. */
  readonly payload: Uint8Array;
}

/** Reads a frame as AF_PACKET hands it over: no preamble, no check sequence. The payload is a view, not a copy. */
export function decodeEthernet(bytes: Uint8Array): Decoded<EthernetFrame> {
  if (bytes.length < HEADER_BYTES) return fail('truncated');
  const etherType = readUint16(bytes, 12);
  if (VLAN_TAGS.has(etherType)) return fail('vlan-tagged');
  if (etherType < LOWEST_ETHER_TYPE) return fail('foreign-ether-type');
  return ok({
    destination: macFromBytes(bytes.subarray(0, 6)),
    source: macFromBytes(bytes.subarray(6, 12)),
    etherType,
    payload: bytes.subarray(HEADER_BYTES),
  });
}

/** The frame's bytes, not padded: the driver pads to the minimum of 60. */
export function encodeEthernet(frame: EthernetFrame): Uint8Array {
  return concatBytes(macToBytes(frame.destination), macToBytes(frame.source), uint16(frame.etherType), frame.payload);
}
