/** Neighbor Solicitation (RFC 4861, section 4.3): the body after the ICMPv6 header. */
import { type Address, addressFromBytes, addressToBytes } from '../net/address.ts';
import { fail, ok } from '../result.ts';
import { concatBytes } from './bytes.ts';
import type { Decoded } from './decoded.ts';
import { isMulticast } from './multicast.ts';
import { decodeNdpOptions, encodeNdpOptions, type NdpOption } from './ndp-option.ts';

export interface NeighborSolicitation {
  readonly kind: 'neighbor-solicitation';
  readonly target: Address;
  readonly options: readonly NdpOption[];
}

/** Reads reserved (4 bytes, not looked at), target and options. */
export function decodeNeighborSolicitation(body: Uint8Array): Decoded<NeighborSolicitation> {
  if (body.length < 20) return fail('truncated');
  const target = addressFromBytes(body.subarray(4, 20));
  if (isMulticast(target)) return fail('group-target');
  const options = decodeNdpOptions(body.subarray(20));
  return options.ok ? ok({ kind: 'neighbor-solicitation', target, options: options.value }) : options;
}

/** The body's bytes. */
export function encodeNeighborSolicitation(message: NeighborSolicitation): Uint8Array {
  return concatBytes([0, 0, 0, 0], addressToBytes(message.target), encodeNdpOptions(message.options));
}
