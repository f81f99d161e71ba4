/** Neighbor Advertisement (RFC 4861, section 4.4): the body after the ICMPv6 header. */
import { type Address, addressFromBytes, addressToBytes } from '../net/address.ts';
import { fail, ok } from '../result.ts';
import { concatBytes } from './bytes.ts';
import type { Decoded } from './decoded.ts';
import { isMulticast } from './multicast.ts';
import { decodeNdpOptions, encodeNdpOptions, type NdpOption } from './ndp-option.ts';

const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;

export interface NeighborAdvertisement {
  readonly kind: 'neighbor-advertisement';
  readonly router: boolean;
  /** Answers a solicitation. */
  readonly solicited: boolean;
  /** The receiver shall replace the link-layer address that it has. */
  readonly override: boolean;
  readonly target: Address;
  readonly options: readonly NdpOption[];
}

/** Reads flags, reserved bits (not looked at), target and options. */
export function decodeNeighborAdvertisement(body: Uint8Array): Decoded<NeighborAdvertisement> {
  if (body.length < 20) return fail('truncated');
  const flags = body[0] ?? 0;
  const target = addressFromBytes(body.subarray(4, 20));
  if (isMulticast(target)) return fail('group-target');
  const options = decodeNdpOptions(body.subarray(20));
  if (!options.ok) return options;
  return ok({
    kind: 'neighbor-advertisement',
    router: (flags & ROUTER) !== 0,
    solicited: (flags & SOLICITED) !== 0,
    override: (flags & OVERRIDE) !== 0,
    target,
    options: options.value,
  });
}

/** The body's bytes. */
export function encodeNeighborAdvertisement(message: NeighborAdvertisement): Uint8Array {
  const flags = (message.router ? ROUTER : 0) | (message.solicited ? SOLICITED : 0) | (message.override ? OVERRIDE : 0);
  return concatBytes([flags, 0, 0, 0], addressToBytes(message.target), encodeNdpOptions(message.options));
}
