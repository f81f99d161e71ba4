/** The hash behind the `Stable` strategy: part of what users see, so it never changes. */

/** 0x100000001b3 is 2^40 and this. */
const primeTail = 0x1b3;
const prime = (1n << 40n) | BigInt(primeTail);
const mask = (1n << 64n) - 1n;

/**
 * Maps a text to a number from 0 to `size` - 1, evenly and always alike:
 * FNV-1a 64 over its UTF-16 code units, then a finaliser. FNV-1a alone won't
 * do: the lowest four bits of its result depend on the lowest four bits of each
 * letter only, so in a pool of 16 addresses "a" and "q" would always meet.
 */
export function stableHash(text: string, size: bigint): bigint {
  const hash = fnv1a(text);
  const low = finish(hash);
  if (size <= mask) return low % size;
  // An IPv6 pool wider than /64: a second word, so that its upper half is used too.
  return ((finish(hash ^ prime) << 64n) | low) % size;
}

/** In two halves of 32 bits: a bigint for each letter would cost ten times as much. */
function fnv1a(text: string): bigint {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (let index = 0; index < text.length; index++) {
    low = (low ^ text.charCodeAt(index)) >>> 0;
    const product = low * primeTail;
    // Modulo 2^64, the factor 2^40 moves the low half up by 8 bits of the high one.
    high = (high * primeTail + Math.floor(product / 2 ** 32) + low * 2 ** 8) % 2 ** 32;
    low = product % 2 ** 32;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The finaliser of MurmurHash3 (public domain): every bit in moves every bit out. */
function finish(hash: bigint): bigint {
  let mixed = hash;
  mixed = ((mixed ^ (mixed >> 33n)) * 0xff51afd7ed558ccdn) & mask;
  mixed = ((mixed ^ (mixed >> 33n)) * 0xc4ceb9fe1a85ec53n) & mask;
  return mixed ^ (mixed >> 33n);
}
