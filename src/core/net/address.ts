/**
 * One IP address, parsed once into a canonical, comparable value: RFC 791 and
 * RFC 4291 for what is read, RFC 5952 for what is written.
 */
import { invariant } from '../invariant.ts';
import { fail, ok, type Result } from '../result.ts';
import { readIPv4, writeIPv4 } from './ipv4-text.ts';
import { readIPv6, writeIPv6 } from './ipv6-text.ts';

export type Family = 'IPv4' | 'IPv6';

export interface Address {
  readonly family: Family;
  /** The 32 or 128 bits, read as one unsigned number in network order. */
  readonly value: bigint;
}

/** Width of an address in bits. */
export const familyBits: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 };

/** The highest address of a family, as a number. */
export const highestValue: Readonly<Record<Family, bigint>> = {
  IPv4: (1n << 32n) - 1n,
  IPv6: (1n << 128n) - 1n,
};

/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
const mappedPrefix = 0xffffn;

/** The longest text that can be an address: eight groups, the last two written as IPv4. */
const longestText = '0000:0000:0000:0000:0000:ffff:255.255.255.255'.length;

/**
 * Reads one address. The grammar is strict: no spaces, no zone, no leading
 * zeros in IPv4, no IPv4-mapped IPv6. Bad text gives a message that says what
 * is wrong, without a full stop and without repeating the text.
 */
export function parseAddress(text: string): Result<Address> {
  if (text === '') return fail('an empty text is no address');
  if (text.length > longestText && !text.includes('%')) return fail('too long for an IP address');
  if (text.includes('/'))
    return fail('a prefix stands where one address is wanted; leave out the slash and the length');
  if (text.includes('%')) return fail('an address with a zone is good on one node only; leave out the % and the zone');
  if (!text.includes(':')) {
    const read = readIPv4(text);
    return read.ok ? ok({ family: 'IPv4', value: read.value }) : read;
  }
  const read = readIPv6(text);
  if (!read.ok) return read;
  if (isMapped(read.value)) {
    const inner = writeIPv4(read.value & highestValue.IPv4);
    return fail(`an IPv4-mapped IPv6 address is never seen on the wire; write ${inner}`);
  }
  return ok({ family: 'IPv6', value: read.value });
}

/** Writes an address in its one canonical form: dotted decimal, or RFC 5952. */
export function formatAddress(address: Address): string {
  if (address.family === 'IPv4') return writeIPv4(address.value);
  // RFC 5952 section 5: the mapped prefix is well known, so its tail is written as IPv4.
  if (isMapped(address.value)) return `::ffff:${writeIPv4(address.value & highestValue.IPv4)}`;
  return writeIPv6(address.value);
}

/** Orders IPv4 before IPv6, then by number: negative, zero or positive as `sort` wants it. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family === 'IPv4' ? -1 : 1;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Tells whether two addresses are the same, whatever objects hold them. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

export function isOneOf(address: Address, others: readonly Address[]): boolean {
  return others.some((other) => sameAddress(address, other));
}

/** Whether two lists without repeats hold the same addresses, in whatever order. */
export function sameAddresses(a: readonly Address[], b: readonly Address[]): boolean {
  return a.length === b.length && a.every((each) => isOneOf(each, b));
}

/** The addresses that are none of the others. */
export function without(addresses: readonly Address[], others: readonly Address[]): readonly Address[] {
  return addresses.filter((address) => !isOneOf(address, others));
}

/** Reads 4 or 16 bytes in network order; any other length is a defect of the caller. */
export function addressFromBytes(bytes: Uint8Array): Address {
  invariant(bytes.length === 4 || bytes.length === 16, `an address has 4 or 16 bytes, not ${bytes.length}`);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return { family: bytes.length === 4 ? 'IPv4' : 'IPv6', value };
}

/** Gives the 4 or 16 bytes of an address in network order. */
export function addressToBytes(address: Address): Uint8Array {
  const bytes = new Uint8Array(familyBits[address.family] / 8);
  let rest = address.value;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function isMapped(value: bigint): boolean {
  return value >> 32n === mappedPrefix;
}
