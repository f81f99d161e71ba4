/** Reading and joining network-order bytes. Callers have checked the length. */

/** The unsigned 16-bit number at `offset`; 0 for bytes past the end. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Two bytes, most significant first; `value` is taken modulo 65,536. */
export function uint16(value: number): readonly [number, number] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

/** One array with the bytes of all parts in order. */
export function concatBytes(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
