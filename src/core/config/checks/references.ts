/**
 * Names that one object gives of another. An absent pool is never refused: it
 * may come with the same commit, and a client that tries all objects first
 * (Flux) would never get past it. Other absences are errors.
 */
import { reportAbsentReference } from '../absent-reference.ts';
import { type Advertisement, advertisesPool } from '../advertisement.ts';
import type { BfdProfile } from '../bfd-profile.ts';
import type { BgpAdvertisement } from '../bgp-advertisement.ts';
import type { BgpPeer } from '../bgp-peer.ts';
import type { Policy, Pool } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';
import { matches } from '../selector.ts';
import type { NodeFacts } from './node-facts.ts';

/** Pools by name and by selector, and nodes by selector: all warnings. */
export function checkSelection(
  entries: readonly Entry<Advertisement>[],
  pools: readonly Entry<Pool>[],
  nodes: readonly NodeFacts[],
): void {
  const names = namesOf(pools);
  for (const { value, report } of standing(entries)) {
    warnOfAbsentPools('spec.ipAddressPools', value.ipAddressPools, names, report);
    if (!pools.some((pool) => pool.value !== undefined && advertisesPool(value, pool.value))) {
      const remedy = 'correct the names, selectors or labels, unless the pool is still to come';
      report.warn('spec', undefined, 'covers no pool that exists', remedy);
    }
    const { nodeSelectors } = value;
    if (nodeSelectors.length === 0 || nodes.length === 0) continue;
    if (nodes.some(({ labels }) => nodeSelectors.some((selector) => matches(selector, labels)))) continue;
    const remedy = 'correct the selectors, or label the nodes that shall announce';
    report.warn('spec.nodeSelectors', undefined, 'select no node, so nothing is announced', remedy);
  }
}

/** Pools that a policy names: warnings. */
export function checkPolicyPools(entries: readonly Entry<Policy>[], pools: readonly Entry<Pool>[]): void {
  const names = namesOf(pools);
  for (const { value, report } of standing(entries)) {
    warnOfAbsentPools('spec.pools', value.pools, names, report);
    warnOfAbsentPools('spec.quota.perPool', [...(value.quota?.perPool.keys() ?? [])], names, report);
  }
}

/** Peers that an advertisement names: errors. */
export function checkPeerNames(entries: readonly Entry<BgpAdvertisement>[], peers: readonly Entry<BgpPeer>[]): void {
  const names = namesOf(peers);
  for (const { value, report } of standing(entries)) {
    for (const peer of value.peers) {
      if (names.has(peer)) continue;
      const remedy = 'correct the name, or create the BGPPeer first';
      reportAbsentReference(report, 'spec.peers', peer, 'is no BGPPeer', remedy);
    }
  }
}

/** The BFDProfile that a peer names: an error, since a session without its BFD would hide what it was asked to show. */
export function checkProfileNames(entries: readonly Entry<BgpPeer>[], profiles: readonly Entry<BfdProfile>[]): void {
  const names = namesOf(profiles);
  const usable = namesOf(standing(profiles));
  for (const { value, report } of standing(entries)) {
    const { bfdProfile } = value;
    if (bfdProfile === undefined || usable.has(bfdProfile)) continue;
    const [message, remedy] = names.has(bfdProfile)
      ? ['is a BFDProfile in error', 'correct the BFDProfile first']
      : ['is no BFDProfile', 'correct the name, or create the BFDProfile first'];
    reportAbsentReference(report, 'spec.bfdProfile', bfdProfile, message, remedy);
  }
}

function namesOf(entries: readonly Entry<unknown>[]): ReadonlySet<string> {
  return new Set(entries.map((entry) => entry.name));
}

function warnOfAbsentPools(
  path: string,
  wanted: readonly string[],
  names: ReadonlySet<string>,
  report: Entry<unknown>['report'],
): void {
  for (const name of wanted) {
    if (names.has(name)) continue;
    report.warn(path, name, 'is no IPAddressPool yet', 'correct the name, unless the pool is still to come');
  }
}
