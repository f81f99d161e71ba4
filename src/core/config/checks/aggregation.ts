/** A route may not be wider than the pool that it is for: it would draw traffic for addresses of others. */
import { familyBits } from '../../net/address.ts';
import { formatRange, type Range } from '../../net/range.ts';
import { advertisesPool } from '../advertisement.ts';
import type { BgpAdvertisement } from '../bgp-advertisement.ts';
import type { Pool } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';

/** Reports advertisements whose aggregation is wider than every prefix of a range that they cover. */
export function checkAggregation(entries: readonly Entry<BgpAdvertisement>[], pools: readonly Entry<Pool>[]): void {
  for (const entry of standing(entries)) {
    for (const pool of standing(pools)) {
      if (advertisesPool(entry.value, pool.value)) checkPool(entry, pool.value);
    }
  }
}

function checkPool(
  { value, report }: Entry<BgpAdvertisement> & { readonly value: BgpAdvertisement },
  pool: Pool,
): void {
  for (const range of pool.ranges) {
    const key = range.family === 'IPv4' ? 'aggregationLength' : 'aggregationLengthV6';
    if (value[key] === familyBits[range.family]) continue;
    const shortest = shortestPrefixLength(range);
    if (value[key] >= shortest) continue;
    const message = `is wider than ${formatRange(range)} of pool "${pool.name}", whose largest prefix is /${shortest}`;
    report.error(`spec.${key}`, value[key], message, `write ${shortest} or more, or enlarge the pool`);
  }
}

/** The length of the largest prefix that lies wholly in a range. */
export function shortestPrefixLength(range: Range): number {
  const bits = familyBits[range.family];
  for (let hostBits = bits; hostBits > 0; hostBits -= 1) {
    const size = 1n << BigInt(hostBits);
    const start = ((range.first + size - 1n) / size) * size;
    if (start + size - 1n <= range.last) return bits - hostBits;
  }
  return bits;
}
