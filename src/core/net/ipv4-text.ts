/** Dotted decimal (RFC 3986 `IPv4address`) <-> a 32-bit number. */
import { fail, ok, type Result } from '../result.ts';

/** Reads four octets of 0 to 255 without leading zeros; anything else gives a message. */
export function readIPv4(text: string): Result<bigint> {
  const octets = text.split('.', 5);
  if (octets.length !== 4) return fail('an IPv4 address has four numbers with dots between them');
  let value = 0;
  for (const octet of octets) {
    if (octet === '') return fail('an IPv4 address has four numbers, and one of them is missing');
    if (!/^[0-9]+$/.test(octet)) return fail('an IPv4 address has only digits and dots');
    // "010" is 8 to one reader and 10 to another; RFC 6943 section 3.1.1 tells what comes of that.
    if (octet.length > 1 && octet.startsWith('0')) return fail('a number in an IPv4 address has no leading zero');
    if (octet.length > 3 || Number(octet) > 255) return fail('a number in an IPv4 address is at most 255');
    value = value * 256 + Number(octet);
  }
  return ok(BigInt(value));
}

/** Writes a 32-bit number as dotted decimal. */
export function writeIPv4(value: bigint): string {
  const number = Number(value);
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}
