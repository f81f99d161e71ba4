/**
 * Where an address stands in the order in which addresses are given
 * automatically. With `avoidBuggyIPs`, .0 and .255 have no position and the
 * others move together, so that a pool stays one interval however many of
 * them it skips:
 *
 *     address    .254  .255  .0  .1  .2
 *     position   253             254  255
 */
export interface Positions {
  /** Undefined for an address that is never given automatically. */
  of(value: bigint): bigint | undefined;
  /** The address at a position. */
  at(position: bigint): bigint;
  /** The position of the first address at or above `value`. */
  atOrAbove(value: bigint): bigint;
  /** The position of the last address at or below `value`; -1 where there is none. */
  atOrBelow(value: bigint): bigint;
}

/** Every address can be given: the position is the address. */
export const allPositions: Positions = {
  of: (value) => value,
  at: (position) => position,
  atOrAbove: (value) => value,
  atOrBelow: (value) => value,
};

/** Addresses of each 256 that can be given, .1 to .254. */
const perBlock = 254n;

/** IPv4 without addresses that end in .0 or .255, which some old network stacks take for broadcast. */
export const positionsWithoutBuggy: Positions = {
  of(value) {
    const octet = value & 0xffn;
    return octet === 0n || octet === 0xffn ? undefined : (value >> 8n) * perBlock + octet - 1n;
  },
  at: (position) => ((position / perBlock) << 8n) + (position % perBlock) + 1n,
  atOrAbove(value) {
    const octet = value & 0xffn;
    return (value >> 8n) * perBlock + (octet === 0n ? 0n : octet - 1n);
  },
  atOrBelow(value) {
    const octet = value & 0xffn;
    return (value >> 8n) * perBlock + (octet === 0xffn ? perBlock : octet) - 1n;
  },
};
