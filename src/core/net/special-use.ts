/** Blocks that no load balancer can serve, from the IANA special-purpose address registries (RFC 6890). */
import { highestValue } from './address.ts';
import { formatPrefix, lastOfPrefix, type Prefix } from './prefix.ts';
import { type Range, rangesOverlap } from './range.ts';

export type SpecialUseKind =
  | 'everything'
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'broadcast'
  | 'ipv4-mapped';

export interface SpecialUse {
  readonly kind: SpecialUseKind;
  /** The special block that the range touches. */
  readonly block: Range;
  /** The block and why nobody can be reached there: "127.0.0.0/8 never leaves its own node (RFC 1122)". */
  readonly reason: string;
}

const blocks: readonly SpecialUse[] = [
  ipv4('unspecified', 0x00_00_00_00n, 8, 'means "this network" and is no destination (RFC 1122)'),
  ipv4('loopback', 0x7f_00_00_00n, 8, 'never leaves its own node (RFC 1122)'),
  ipv4('link-local', 0xa9_fe_00_00n, 16, 'is never routed and belongs to hosts that configure themselves (RFC 3927)'),
  ipv4('multicast', 0xe0_00_00_00n, 4, 'is for groups, not for one destination (RFC 5771)'),
  ipv4('broadcast', 0xff_ff_ff_ffn, 32, 'means every host on the link (RFC 919)'),
  ipv6('unspecified', 0n, 128, 'means "no address" and is no destination (RFC 4291)'),
  ipv6('loopback', 1n, 128, 'never leaves its own node (RFC 4291)'),
  ipv6('ipv4-mapped', 0xffffn << 32n, 96, 'stands for IPv4 inside a program and is never on the wire (RFC 4291)'),
  ipv6('link-local', 0xfe80n << 112n, 10, 'is never routed and needs a zone (RFC 4291)'),
  ipv6('multicast', 0xff00n << 112n, 8, 'is for groups, not for one destination (RFC 4291)'),
];

/**
 * The first special block that a range touches, or undefined for a range that
 * can be served. 0.0.0.0/0 and ::/0 are `everything`. Documentation blocks can
 * be served: examples and laboratories use them.
 */
export function specialUse(range: Range): SpecialUse | undefined {
  if (range.first === 0n && range.last === highestValue[range.family]) {
    const text = range.family === 'IPv4' ? '0.0.0.0/0' : '::/0';
    return { kind: 'everything', block: range, reason: `${text} is the whole of ${range.family}` };
  }
  return blocks.find((special) => rangesOverlap(special.block, range));
}

function ipv4(kind: SpecialUseKind, value: bigint, length: number, why: string): SpecialUse {
  return special(kind, { family: 'IPv4', value, length }, why);
}

function ipv6(kind: SpecialUseKind, value: bigint, length: number, why: string): SpecialUse {
  return special(kind, { family: 'IPv6', value, length }, why);
}

function special(kind: SpecialUseKind, prefix: Prefix, why: string): SpecialUse {
  const block = { family: prefix.family, first: prefix.value, last: lastOfPrefix(prefix) };
  return { kind, block, reason: `${formatPrefix(prefix)} ${why}` };
}
