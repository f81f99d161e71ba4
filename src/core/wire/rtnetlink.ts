/**
 * The slices of rtnetlink(7) that tell of interfaces and their addresses.
 * Numbers are little-endian: that of every machine Berth runs on.
 */
import { type Address, addressFromBytes } from '../net/address.ts';
import { type Mac, macFromBytes } from '../net/mac.ts';

export interface LinkMessage {
  readonly kind: 'link';
  readonly index: number;
  readonly name: string;
  /** Undefined for an interface without a 48-bit address. */
  readonly mac: Mac | undefined;
  /** ARPHRD_*: 1 is Ethernet. */
  readonly hardwareType: number;
  /** IFF_*. */
  readonly flags: number;
  /** Index of the bond, bridge or VRF that it belongs to. */
  readonly master: number | undefined;
  /** `bridge`, `veth`, `vlan`, `vrf`, …; undefined for hardware. */
  readonly linkKind: string | undefined;
}

export interface AddressMessage {
  readonly kind: 'address';
  /** The interface's. */
  readonly index: number;
  readonly address: Address;
  readonly prefixLength: number;
}

export type NetlinkMessage =
  | LinkMessage
  | AddressMessage
  /** The end of a dump. */
  | { readonly kind: 'done' }
  /** A request that the kernel refused; a positive errno. */
  | { readonly kind: 'error'; readonly errno: number }
  /** Anything else, such as an interface that went. */
  | { readonly kind: 'other'; readonly type: number };

const HEADER_BYTES = 16;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
/** NLM_F_REQUEST | NLM_F_DUMP. */
const DUMP = 0x301;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
/** Nested attributes and byte order are flagged in the type's top bits. */
const ATTRIBUTE_TYPE = 0x3fff;

/** Asks for all interfaces, or all their addresses. */
export function encodeDump(what: 'links' | 'addresses', sequence: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, what === 'links' ? RTM_GETLINK : RTM_GETADDR, true);
  view.setUint16(6, DUMP, true);
  view.setUint32(8, sequence, true);
  return bytes;
}

/** The messages of one datagram; a length that can't be ends the reading. */
export function decodeNetlink(bytes: Uint8Array): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  const view = viewOf(bytes);
  let offset = 0;
  while (offset + HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(offset, true);
    if (length < HEADER_BYTES || offset + length > bytes.length) break;
    const body = bytes.subarray(offset + HEADER_BYTES, offset + length);
    messages.push(decodeBody(view.getUint16(offset + 4, true), body));
    offset += align(length);
  }
  return messages;
}

function decodeBody(type: number, body: Uint8Array): NetlinkMessage {
  const other: NetlinkMessage = { kind: 'other', type };
  switch (type) {
    case NLMSG_DONE:
      return { kind: 'done' };
    case NLMSG_ERROR:
      return body.length >= 4 ? { kind: 'error', errno: -viewOf(body).getInt32(0, true) } : other;
    case RTM_NEWLINK:
      return decodeLink(body) ?? other;
    case RTM_NEWADDR:
      return decodeAddress(body) ?? other;
    default:
      return other;
  }
}

function decodeLink(body: Uint8Array): LinkMessage | undefined {
  if (body.length < 16) return undefined;
  const view = viewOf(body);
  const attributes = readAttributes(body.subarray(16));
  const mac = attributes.get(IFLA_ADDRESS);
  const master = attributes.get(IFLA_MASTER);
  const info = attributes.get(IFLA_LINKINFO);
  return {
    kind: 'link',
    index: view.getInt32(4, true),
    name: text(attributes.get(IFLA_IFNAME)) ?? '',
    mac: mac?.length === 6 ? macFromBytes(mac) : undefined,
    hardwareType: view.getUint16(2, true),
    flags: view.getUint32(8, true),
    master: master?.length === 4 ? viewOf(master).getUint32(0, true) : undefined,
    linkKind: info && text(readAttributes(info).get(IFLA_INFO_KIND)),
  };
}

function decodeAddress(body: Uint8Array): AddressMessage | undefined {
  if (body.length < 8) return undefined;
  const attributes = readAttributes(body.subarray(8));
  // On a point-to-point interface IFA_ADDRESS is the far end's; IFA_LOCAL is ours where given.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (bytes?.length !== 4 && bytes?.length !== 16) return undefined;
  const prefixLength = body[1] ?? 0;
  if (prefixLength > bytes.length * 8) return undefined;
  return { kind: 'address', index: viewOf(body).getUint32(4, true), address: addressFromBytes(bytes), prefixLength };
}

function readAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const length = view.getUint16(offset, true);
    if (length < 4 || offset + length > bytes.length) break;
    attributes.set(view.getUint16(offset + 2, true) & ATTRIBUTE_TYPE, bytes.subarray(offset + 4, offset + length));
    offset += align(length);
  }
  return attributes;
}

/** A C string's characters up to its end; names of interfaces are ASCII in practice, and compared as they come. */
function text(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end));
}

function align(length: number): number {
  return (length + 3) & ~3;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
