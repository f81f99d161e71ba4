/** The hash behind the `Stable` strategy: part of what users see, so it never changes. */

const offsetBasis = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;
const mask = (1n << 64n) - 1n;

/**
 * Maps a text to a number from 0 to `size` - 1, evenly and always alike:
 * FNV-1a 64 over its UTF-16 code units, then a finaliser. FNV-1a alone won't
 * do: the lowest four bits of its result depend on the lowest four bits of each
 * letter only, so in a pool of 16 addresses "a" and "q" would always meet.
 */
export function stableHash(text: string, size: bigint): bigint {
  let hash = offsetBasis;
  for (let index = 0; index < text.length; index++) {
    hash = ((hash ^ BigInt(text.charCodeAt(index))) * prime) & mask;
  }
  const low = finish(hash);
  if (size <= mask) return low % size;
  // An IPv6 pool wider than /64: a second word, so that its upper half is used too.
  return ((finish(hash ^ prime) << 64n) | low) % size;
}

/** The finaliser of MurmurHash3 (public domain): every bit in moves every bit out. */
function finish(hash: bigint): bigint {
  let mixed = hash;
  mixed = ((mixed ^ (mixed >> 33n)) * 0xff51afd7ed558ccdn) & mask;
  mixed = ((mixed ^ (mixed >> 33n)) * 0xc4ceb9fe1a85ec53n) & mask;
  return mixed ^ (mixed >> 33n);
}
