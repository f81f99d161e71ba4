/** The checksum of ICMPv6 (RFC 4443, section 2.3). */
import { readUint16 } from './bytes.ts';

/**
 * One's complement sum over the pseudo-header (RFC 8200, section 8.1) and the
 * message. Over a message whose checksum field is zero it is the value to
 * write there; over one as received it is 0 where nothing was damaged.
 */
export function icmpv6Checksum(source: Uint8Array, destination: Uint8Array, message: Uint8Array): number {
  // Length and next header are the pseudo-header's only other fields that aren't zero.
  const sum = sumOf(source) + sumOf(destination) + sumOf(message) + message.length + 58;
  return ~fold(sum) & 0xffff;
}

/** Sum of 16-bit words; an odd last byte counts as the high half of a word. Exact up to 2^37 bytes. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += readUint16(bytes, offset);
  return sum;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return folded;
}
