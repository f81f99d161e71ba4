/**
 * Names that one object gives of others, and selectors that should take some:
 * all warnings, since the other object may come with the same commit.
 */
import { warnOfAbsent } from '../absent-reference.ts';
import { type Advertisement, advertisesPool } from '../advertisement.ts';
import type { BfdProfile } from '../bfd-profile.ts';
import type { BgpAdvertisement } from '../bgp-advertisement.ts';
import type { BgpPeer } from '../bgp-peer.ts';
import type { Policy, Pool } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';
import type { Report } from '../report.ts';
import { matches } from '../selector.ts';
import type { NodeFacts } from './node-facts.ts';

/** Pools by name and by selector, and nodes by selector. */
export function checkSelection(
  entries: readonly Entry<Advertisement>[],
  pools: readonly Entry<Pool>[],
  nodes: readonly NodeFacts[],
): void {
  const names = namesOf(pools);
  for (const { value, report } of standing(entries)) {
    warnOfEachAbsent('spec.ipAddressPools', value.ipAddressPools, names, 'IPAddressPool', report);
    if (!pools.some((pool) => pool.value !== undefined && advertisesPool(value, pool.value))) {
      const remedy = 'correct the names, selectors or labels, unless the pool is still to come';
      report.warn('spec', undefined, 'covers no pool that exists', remedy);
    }
    const { nodeSelectors } = value;
    if (nodeSelectors.length === 0 || nodes.length === 0) continue;
    if (nodes.some(({ labels }) => nodeSelectors.some((selector) => matches(selector, labels)))) continue;
    const remedy = 'correct the selectors, or label the nodes that shall announce';
    report.warn('spec.nodeSelectors', undefined, 'matches no node, so nothing is announced', remedy);
  }
}

/** Pools that a policy names. */
export function checkPolicyPools(entries: readonly Entry<Policy>[], pools: readonly Entry<Pool>[]): void {
  const names = namesOf(pools);
  for (const { value, report } of standing(entries)) {
    warnOfEachAbsent('spec.pools', value.pools, names, 'IPAddressPool', report);
    warnOfEachAbsent('spec.quota.perPool', value.quota?.perPool.keys() ?? [], names, 'IPAddressPool', report);
  }
}

/** Peers that an advertisement names. */
export function checkPeerNames(entries: readonly Entry<BgpAdvertisement>[], peers: readonly Entry<BgpPeer>[]): void {
  const names = namesOf(peers);
  for (const { value, report } of standing(entries)) {
    warnOfEachAbsent('spec.peers', value.peers, names, 'BGPPeer', report);
  }
}

/** The BFDProfile that a peer names. */
export function checkProfileNames(entries: readonly Entry<BgpPeer>[], profiles: readonly Entry<BfdProfile>[]): void {
  const names = namesOf(profiles);
  const usable = namesOf(standing(profiles));
  for (const { value, report } of standing(entries)) {
    const { bfdProfile } = value;
    if (bfdProfile === undefined || usable.has(bfdProfile)) continue;
    if (names.has(bfdProfile)) {
      report.warn('spec.bfdProfile', bfdProfile, 'is a BFDProfile in error', 'correct the BFDProfile');
    } else {
      warnOfAbsent(report, 'spec.bfdProfile', bfdProfile, 'BFDProfile');
    }
  }
}

function namesOf(entries: readonly Entry<unknown>[]): ReadonlySet<string> {
  return new Set(entries.map((entry) => entry.name));
}

function warnOfEachAbsent(
  path: string,
  wanted: Iterable<string>,
  names: ReadonlySet<string>,
  kind: string,
  report: Report,
): void {
  for (const name of wanted) if (!names.has(name)) warnOfAbsent(report, path, name, kind);
}
