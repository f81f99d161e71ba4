/** Math.min and Math.max for bigint, which they refuse. */

/** The lower of two numbers. */
export function lower(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** The higher of two numbers. */
export function higher(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}
