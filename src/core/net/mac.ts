/** A 48-bit hardware address (EUI-48), parsed once into a comparable value. */
import { invariant } from '../invariant.ts';
import { fail, ok, type Result } from '../result.ts';

export interface Mac {
  /** The 48 bits, read as one unsigned number in network order; fits a double exactly. */
  readonly value: number;
}

/** ff:ff:ff:ff:ff:ff. */
export const broadcastMac: Mac = { value: 2 ** 48 - 1 };

/** Reads six pairs of hexadecimal digits with ":" or "-" between them; anything else gives a message. */
export function parseMac(text: string): Result<Mac> {
  const match = /^[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2}){4}$/.exec(text);
  if (!match) return fail('a MAC address has six pairs of hexadecimal digits with ":" between them');
  return ok({ value: Number.parseInt(text.replaceAll(/[:-]/g, ''), 16) });
}

/** Writes six lower-case pairs with ":" between them. */
export function formatMac(mac: Mac): string {
  return (mac.value.toString(16).padStart(12, '0').match(/../g) ?? []).join(':');
}

/** Reads 6 bytes in network order; any other length is a defect of the caller. */
export function macFromBytes(bytes: Uint8Array): Mac {
  invariant(bytes.length === 6, `a MAC address has 6 bytes, not ${bytes.length}`);
  return { value: bytes.reduce((value, byte) => value * 256 + byte, 0) };
}

/** Gives the 6 bytes in network order. */
export function macToBytes(mac: Mac): Uint8Array {
  const bytes = new Uint8Array(6);
  let rest = mac.value;
  for (let index = 5; index >= 0; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Tells whether two hardware addresses are the same. */
export function sameMac(a: Mac, b: Mac): boolean {
  return a.value === b.value;
}

/** Tells whether the group bit is set: multicast and broadcast (IEEE 802 section 8.2.2). */
export function isGroupMac(mac: Mac): boolean {
  return Math.floor(mac.value / 2 ** 40) % 2 === 1;
}
