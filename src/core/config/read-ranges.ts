/** Lists of address ranges, as pools and reservations write them. */
import { formatAddress, parseAddress } from '../net/address.ts';
import { compareRanges, formatRange, parseRange, type Range, rangesOverlap } from '../net/range.ts';
import { specialUse } from '../net/special-use.ts';
import type { Fields } from './fields.ts';
import { explainFault, splitRemedy } from './remedy.ts';
import type { Report } from './report.ts';

const EXAMPLE = 'write a prefix such as 192.0.2.0/28, or a range such as 192.0.2.10-192.0.2.20';

export interface ReadRangesOptions {
  /** Whether an address without a prefix length is read as itself; otherwise it is refused. */
  readonly singleAddresses: boolean;
}

/**
 * Reads a list of ranges, sorted by family and first address and disjoint.
 * Faulty ones, ones that can't be served and ones that overlap an earlier one
 * are reported and left out. O(n log n).
 */
export function readRanges(fields: Fields, key: string, report: Report, options: ReadRangesOptions): readonly Range[] {
  const found: { readonly range: Range; readonly path: string; readonly text: string }[] = [];
  for (const { value, path } of fields.list(key)) {
    const range = readRange(value, path, report, options);
    if (range !== undefined) found.push({ range, path, text: String(value) });
  }
  found.sort((a, b) => compareRanges(a.range, b.range));
  const kept: Range[] = [];
  for (const { range, path, text } of found) {
    const before = kept.at(-1);
    if (before !== undefined && rangesOverlap(before, range)) {
      const message = `overlaps ${formatRange(before)} in the same list`;
      report.error(path, text, message, 'write each address in one range only');
    } else {
      kept.push(range);
    }
  }
  return kept;
}

function readRange(value: unknown, path: string, report: Report, options: ReadRangesOptions): Range | undefined {
  if (typeof value !== 'string') {
    report.error(path, value, 'must be text that names addresses', EXAMPLE);
    return undefined;
  }
  const parsed = parseRange(options.singleAddresses ? withLength(value) : value);
  if (!parsed.ok) {
    const { message, remedy } = explainFault(value, parsed.error, EXAMPLE);
    report.error(path, value, message, remedy);
    return undefined;
  }
  const { range, warnings } = parsed.value;
  for (const warning of warnings) {
    const { message, remedy } = splitRemedy(warning, EXAMPLE);
    report.warn(path, value, message, remedy);
  }
  const special = specialUse(range);
  if (special === undefined) return range;
  const remedy = 'write addresses that your network routes to the nodes or that lie on their link';
  report.error(path, value, `no Service can be reached there: ${special.reason}`, remedy);
  return undefined;
}

/** `192.0.2.1` as the range `192.0.2.1-192.0.2.1`; anything else as it is. */
function withLength(text: string): string {
  const address = parseAddress(text.trim());
  if (!address.ok) return text;
  const canonical = formatAddress(address.value);
  return `${canonical}-${canonical}`;
}
