/** ARP for IPv4 over Ethernet (RFC 826), with the probes and announcements of RFC 5227. */
import { type Address, addressFromBytes, addressToBytes } from '../net/address.ts';
import { isGroupMac, type Mac, macFromBytes, macToBytes } from '../net/mac.ts';
import { fail, ok } from '../result.ts';
import { concatBytes, readUint16, uint16 } from './bytes.ts';
import type { Decoded } from './decoded.ts';

const ETHERNET = 1;
const IPV4 = 0x0800;
const PACKET_BYTES = 28;

export interface ArpPacket {
  readonly operation: 'request' | 'reply';
  readonly senderMac: Mac;
  /** 0.0.0.0 in a probe (RFC 5227, section 1.1). */
  readonly senderAddress: Address;
  /** All zero in most requests; nobody may rely on it. */
  readonly targetMac: Mac;
  readonly targetAddress: Address;
}

/** Reads the payload of a frame of type 0x0806; what follows the 28 bytes is padding. */
export function decodeArp(bytes: Uint8Array): Decoded<ArpPacket> {
  if (bytes.length < PACKET_BYTES) return fail('truncated');
  if (readUint16(bytes, 0) !== ETHERNET) return fail('foreign-hardware-type');
  if (readUint16(bytes, 2) !== IPV4) return fail('foreign-protocol-type');
  if (bytes[4] !== 6 || bytes[5] !== 4) return fail('length-mismatch');
  const operation = readUint16(bytes, 6);
  if (operation !== 1 && operation !== 2) return fail('unknown-operation');
  const senderMac = macFromBytes(bytes.subarray(8, 14));
  // No host has a group address; to answer one would flood the segment.
  if (isGroupMac(senderMac)) return fail('group-sender');
  return ok({
    operation: operation === 1 ? 'request' : 'reply',
    senderMac,
    senderAddress: addressFromBytes(bytes.subarray(14, 18)),
    targetMac: macFromBytes(bytes.subarray(18, 24)),
    targetAddress: addressFromBytes(bytes.subarray(24, 28)),
  });
}

/** The packet's 28 bytes. */
export function encodeArp(packet: ArpPacket): Uint8Array {
  return concatBytes(
    uint16(ETHERNET),
    uint16(IPV4),
    [6, 4],
    uint16(packet.operation === 'request' ? 1 : 2),
    macToBytes(packet.senderMac),
    addressToBytes(packet.senderAddress),
    macToBytes(packet.targetMac),
    addressToBytes(packet.targetAddress),
  );
}
