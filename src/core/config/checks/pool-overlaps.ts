/** Each address belongs to one owner: a node, or the elder of the pools that claim it. */
import { formatAddress } from '../../net/address.ts';
import { formatRange, type Range } from '../../net/range.ts';
import type { Pool } from '../configuration.ts';
import { compareText, type Entry, standing } from '../entry.ts';
import type { NodeFacts } from './node-facts.ts';
import { OwnedRanges } from './owned-ranges.ts';

type Owner =
  | { readonly kind: 'node'; readonly name: string }
  /** `written`: the whole range as its author wrote it, for messages. */
  | { readonly kind: 'pool'; readonly entry: Entry<Pool>; readonly written: Range };

/** A pool that meets more than this is a mistake as a whole, and the work for it is bounded. */
const MOST_OVERLAPS = 1000;

const OWN_RANGES = 'write ranges that nobody else has';

/**
 * Reports what pools dispute with nodes and with each other, and gives the
 * pools with the addresses that are theirs alone, in name order. At admission
 * any dispute is an error. At run time the elder keeps what is disputed and the
 * younger the rest, so that no running Service loses its address by a fault
 * that slipped past admission.
 */
export function settlePools(entries: readonly Entry<Pool>[], nodes: readonly NodeFacts[]): ReadonlyMap<string, Pool> {
  const owned = new OwnedRanges<Owner>();
  for (const node of nodes) {
    for (const range of node.addresses) owned.add(range, { kind: 'node', name: node.name });
  }
  const pools: Pool[] = [];
  for (const entry of standing(entries)) {
    const parts = settleParts(entry, owned);
    for (const { part, written } of parts) owned.add(part, { kind: 'pool', entry, written });
    if (entry.report.errors > 0) continue;
    const ranges = parts.map(({ part }) => part);
    pools.push({ ...entry.value, ranges, families: [...new Set(ranges.map((range) => range.family))] });
  }
  return new Map(pools.sort((a, b) => compareText(a.name, b.name)).map((pool) => [pool.name, pool]));
}

interface Part {
  readonly part: Range;
  readonly written: Range;
}

/** What is left of a pool's ranges when the addresses of others are cut out. */
function settleParts(entry: Entry<Pool> & { readonly value: Pool }, owned: OwnedRanges<Owner>): readonly Part[] {
  const free: Part[] = [];
  const told = new Set<string>();
  for (const written of entry.value.ranges) {
    let next = written.first;
    for (const { range: taken, owner } of owned.overlapping(written)) {
      if (told.size >= MOST_OVERLAPS) {
        const message = `overlaps ${MOST_OVERLAPS} and more ranges of nodes and other pools`;
        entry.report.error('spec.addresses', formatRange(written), message, OWN_RANGES);
        return [];
      }
      reportDispute(entry, written, taken, owner, told);
      if (taken.first > next) free.push({ written, part: { ...written, first: next, last: taken.first - 1n } });
      next = taken.last + 1n;
    }
    if (next <= written.last) free.push({ written, part: { ...written, first: next } });
  }
  if (free.length === 0) {
    entry.report.error('spec.addresses', undefined, 'has no address left that is its own', OWN_RANGES);
  }
  return free;
}

function reportDispute(entry: Entry<Pool>, written: Range, taken: Range, owner: Owner, told: Set<string>): void {
  const mine = formatRange(written);
  switch (owner.kind) {
    case 'node': {
      const address = formatAddress({ family: taken.family, value: taken.first });
      told.add(address);
      const message = `holds ${address}, the address of node "${owner.name}"`;
      entry.dispute('spec.addresses', mine, message, `write ranges that leave ${address} out`);
      return;
    }
    case 'pool': {
      const theirs = formatRange(owner.written);
      const { name, report } = owner.entry;
      // An elder range that is in parts already is one dispute all the same.
      const dispute = `${mine} ${theirs} ${name}`;
      if (told.has(dispute)) return;
      told.add(dispute);
      const remedy = `take the common addresses out of pool "${entry.name}" or out of pool "${name}"`;
      entry.dispute('spec.addresses', mine, `overlaps ${theirs} of pool "${name}"`, remedy);
      report.warn('spec.addresses', theirs, `overlaps ${mine} of the younger pool "${entry.name}"`, remedy);
    }
  }
}
