/** The groups of Neighbor Discovery and their Ethernet addresses. */
import { type Address, addressToBytes } from '../net/address.ts';
import { type Mac, macFromBytes } from '../net/mac.ts';

/** ff02::1, every node of the link. */
export const ALL_NODES: Address = { family: 'IPv6', value: (0xff02n << 112n) | 1n };

export const UNSPECIFIED_IPV6: Address = { family: 'IPv6', value: 0n };
export const UNSPECIFIED_IPV4: Address = { family: 'IPv4', value: 0n };

const SOLICITED_NODE_PREFIX = 0xff0200000000000000000001ffn << 24n;

/** Whether an IPv6 address is a group (ff00::/8, RFC 4291 section 2.7). */
export function isMulticast(address: Address): boolean {
  return address.family === 'IPv6' && address.value >> 120n === 0xffn;
}

/** The group in which the holder of an IPv6 address is asked (RFC 4291, section 2.7.1): ff02::1:ffXX:XXXX. */
export function solicitedNodeGroup(address: Address): Address {
  return { family: 'IPv6', value: SOLICITED_NODE_PREFIX | (address.value & 0xffffffn) };
}

/** Whether a group is the solicited-node group of some address. */
export function isSolicitedNodeGroup(address: Address): boolean {
  return address.family === 'IPv6' && address.value >> 24n === SOLICITED_NODE_PREFIX >> 24n;
}

/** 33:33 and the last four bytes of an IPv6 group (RFC 2464, section 7). */
export function multicastMac(group: Address): Mac {
  return macFromBytes(new Uint8Array([0x33, 0x33, ...addressToBytes(group).subarray(12, 16)]));
}
