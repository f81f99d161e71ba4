/** A range: every address from a first to a last one, both included. */
import { fail, ok, type Result } from '../result.ts';
import { type Address, type Family, familyBits, formatAddress, parseAddress } from './address.ts';
import { formatPrefix, lastOfPrefix, prefixOf, readPrefix } from './prefix.ts';

export interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

export interface ParsedRange {
  readonly range: Range;
  /** How it was written: `address/length` or `first-last`. */
  readonly notation: 'prefix' | 'span';
  /** Legal and unwise; sentences without a full stop. */
  readonly warnings: readonly string[];
}

/** Two of the longest addresses, a dash, and room for spaces. */
const longestText = 128;

/**
 * Reads `address/length` or `first-last`, spaces around either part allowed.
 * Host bits in a prefix are taken as its network, with a warning. Bad text
 * gives a message that says what is wrong, what to write where that is known,
 * and no full stop.
 */
export function parseRange(text: string): Result<ParsedRange> {
  if (text.length > longestText) return fail('too long for an address range');
  const trimmed = text.trim();
  if (trimmed === '') return fail('an empty text is no address range');
  const parts = trimmed.split('-').map((part) => part.trim());
  if (parts.length === 1) return parsePrefixRange(trimmed);
  if (parts.length > 2) return fail('a range has one dash, between its first and its last address');
  return parseSpan(parts[0] ?? '', parts[1] ?? '');
}

/** Writes a range as a prefix where it is exactly one, otherwise as `first-last`. */
export function formatRange(range: Range): string {
  const size = rangeSize(range);
  const hostBits = size.toString(2).length - 1;
  const first = firstOf(range);
  const isPrefix = size === 1n << BigInt(hostBits) && range.first % size === 0n;
  if (isPrefix) return formatPrefix(prefixOf(first, familyBits[range.family] - hostBits));
  return `${formatAddress(first)}-${formatAddress(lastOf(range))}`;
}

/** The first address of a range. */
export function firstOf(range: Range): Address {
  return { family: range.family, value: range.first };
}

/** The last address of a range. */
export function lastOf(range: Range): Address {
  return { family: range.family, value: range.last };
}

/** Tells whether an address lies in a range; one of the other family never does. */
export function rangeContains(range: Range, address: Address): boolean {
  return range.family === address.family && range.first <= address.value && address.value <= range.last;
}

/** Tells whether two ranges have an address in common. */
export function rangesOverlap(a: Range, b: Range): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Counts the addresses of a range; at least 1. */
export function rangeSize(range: Range): bigint {
  return range.last - range.first + 1n;
}

/** Orders IPv4 before IPv6, then by first and last address. */
export function compareRanges(a: Range, b: Range): number {
  if (a.family !== b.family) return a.family === 'IPv4' ? -1 : 1;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.last < b.last ? -1 : a.last > b.last ? 1 : 0;
}

/** Tells whether two lists hold the same ranges in the same order. */
export function sameRanges(a: readonly Range[], b: readonly Range[]): boolean {
  return (
    a.length === b.length &&
    a.every((range, index) => {
      const other = b[index];
      return other !== undefined && compareRanges(range, other) === 0;
    })
  );
}

function parsePrefixRange(text: string): Result<ParsedRange> {
  if (!text.includes('/')) {
    const address = parseAddress(text);
    if (!address.ok) return address;
    const whole = prefixOf(address.value, familyBits[address.value.family]);
    return fail(`an address without a prefix length is no range; write ${formatPrefix(whole)} for this one address`);
  }
  const read = readPrefix(text);
  if (!read.ok) return read;
  const { address, length } = read.value;
  const prefix = prefixOf(address, length);
  const range = { family: prefix.family, first: prefix.value, last: lastOfPrefix(prefix) };
  const warnings =
    prefix.value === address.value
      ? []
      : [`host bits are set, so it is taken as its network ${formatPrefix(prefix)}; write that, or the span you mean`];
  return ok({ range, notation: 'prefix', warnings });
}

function parseSpan(firstText: string, lastText: string): Result<ParsedRange> {
  const first = parseAddress(firstText);
  if (!first.ok) return fail(`the first address is malformed: ${first.error}`);
  const last = parseAddress(lastText);
  if (!last.ok) return fail(`the last address is malformed: ${last.error}`);
  const [low, high] = [formatAddress(first.value), formatAddress(last.value)];
  if (first.value.family !== last.value.family) {
    return fail(`one range has one family, but ${low} is ${first.value.family} and ${high} is ${last.value.family}`);
  }
  if (first.value.value > last.value.value) {
    return fail(`the first address ${low} lies above the last address ${high}; write ${high}-${low}`);
  }
  const range = { family: first.value.family, first: first.value.value, last: last.value.value };
  return ok({ range, notation: 'span', warnings: [] });
}
