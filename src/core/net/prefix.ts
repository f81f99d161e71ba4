/** A prefix: the addresses that share their first bits (RFC 4632, RFC 4291 section 2.3). */
import { invariant } from '../invariant.ts';
import { fail, ok, type Result } from '../result.ts';
import { type Address, type Family, familyBits, formatAddress, parseAddress } from './address.ts';

export interface Prefix {
  readonly family: Family;
  /** The first address, with every host bit zero. */
  readonly value: bigint;
  /** 0 to 32 or 128. */
  readonly length: number;
}

/**
 * Reads `address/length` with all host bits zero. Bad text gives a message
 * without a full stop; set host bits give one that names the network meant.
 */
export function parsePrefix(text: string): Result<Prefix> {
  const read = readPrefix(text);
  if (!read.ok) return read;
  const { address, length } = read.value;
  const prefix = prefixOf(address, length);
  if (prefix.value !== address.value) return fail(`host bits are set; write ${formatPrefix(prefix)}`);
  return ok(prefix);
}

/** Reads `address/length` as written, host bits and all. */
export function readPrefix(text: string): Result<{ address: Address; length: number }> {
  const slash = text.indexOf('/');
  if (slash < 0) return fail('the slash and the prefix length are missing');
  const address = parseAddress(text.slice(0, slash));
  if (!address.ok) return address;
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(digits)) {
    return fail('the prefix length is a number without sign, space or leading zero');
  }
  const length = Number(digits);
  const bits = familyBits[address.value.family];
  if (length > bits) return fail(`the prefix length is ${length}, and ${address.value.family} has ${bits} bits`);
  return ok({ address: address.value, length });
}

/** The prefix of a length (0 to 32 or 128) that holds an address. */
export function prefixOf(address: Address, length: number): Prefix {
  const bits = familyBits[address.family];
  invariant(
    Number.isInteger(length) && length >= 0 && length <= bits,
    `no ${address.family} prefix has length ${length}`,
  );
  const hostBits = BigInt(bits - length);
  return { family: address.family, value: (address.value >> hostBits) << hostBits, length };
}

/** The highest address of a prefix, as a number. */
export function lastOfPrefix(prefix: Prefix): bigint {
  return prefix.value + (1n << BigInt(familyBits[prefix.family] - prefix.length)) - 1n;
}

/** Tells whether an address lies in a prefix; one of the other family never does. */
export function prefixContains(prefix: Prefix, address: Address): boolean {
  return prefix.family === address.family && address.value >= prefix.value && address.value <= lastOfPrefix(prefix);
}

/** Writes `address/length`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress({ family: prefix.family, value: prefix.value })}/${prefix.length}`;
}
