/** What both kinds of advertisement select: pools, Services and nodes. */
import type { Labels } from '../api/kubernetes.ts';
import type { Fields } from './fields.ts';
import { readObjectNames } from './read-names.ts';
import type { Report } from './report.ts';
import { matches, readSelectors, type Selector } from './selector.ts';

export interface Advertisement {
  readonly name: string;
  /** Pools by name; together with the selectors a union. Both empty: every pool. */
  readonly ipAddressPools: readonly string[];
  readonly ipAddressPoolSelectors: readonly Selector[];
  /** A node that any of these selects announces; empty: every node. */
  readonly nodeSelectors: readonly Selector[];
  /** A Service that any of these selects is announced; empty: every Service. */
  readonly serviceSelectors: readonly Selector[];
}

export const ADVERTISEMENT_FIELDS = ['ipAddressPools', 'ipAddressPoolSelectors', 'nodeSelectors', 'serviceSelectors'];

/** Reads the fields that both kinds have. */
export function readSelection(name: string, spec: Fields, report: Report): Advertisement {
  return {
    name,
    ipAddressPools: readObjectNames(spec, 'ipAddressPools', report),
    ipAddressPoolSelectors: readSelectors(spec, 'ipAddressPoolSelectors', report),
    nodeSelectors: readSelectors(spec, 'nodeSelectors', report),
    serviceSelectors: readSelectors(spec, 'serviceSelectors', report),
  };
}

/** Whether the advertisement covers a pool. Selectors that match no pool cover none (fail closed). */
export function advertisesPool(
  advertisement: Advertisement,
  pool: { readonly name: string; readonly labels: Labels },
): boolean {
  const { ipAddressPools, ipAddressPoolSelectors } = advertisement;
  if (ipAddressPools.length === 0 && ipAddressPoolSelectors.length === 0) return true;
  return ipAddressPools.includes(pool.name) || ipAddressPoolSelectors.some((each) => matches(each, pool.labels));
}

/** Whether the advertisement covers a Service with these labels (of a pool that it covers). */
export function advertisesService(advertisement: Advertisement, labels: Labels | undefined): boolean {
  return anyOrAll(advertisement.serviceSelectors, labels);
}

/** Whether a node with these labels may announce for the advertisement. */
export function advertisesFromNode(advertisement: Advertisement, labels: Labels | undefined): boolean {
  return anyOrAll(advertisement.nodeSelectors, labels);
}

function anyOrAll(selectors: readonly Selector[], labels: Labels | undefined): boolean {
  return selectors.length === 0 || selectors.some((each) => matches(each, labels));
}
