/** One route to one peer has one LOCAL_PREF. */
import { advertisesPool } from '../advertisement.ts';
import type { BgpAdvertisement } from '../bgp-advertisement.ts';
import type { Pool } from '../configuration.ts';
import { type Entry, standing } from '../entry.ts';
import { type NodeFacts, shareNode } from './node-facts.ts';

/**
 * Reports advertisements that give another localPref than an elder one to the
 * same route: a common pool, an equal aggregation length, a common peer and a
 * common node. Those with serviceSelectors are left to run time, when it is
 * known which Services they take.
 */
export function checkLocalPreference(
  entries: readonly Entry<BgpAdvertisement>[],
  pools: ReadonlyMap<string, Pool>,
  nodes: readonly NodeFacts[],
): void {
  const elders: BgpAdvertisement[] = [];
  for (const entry of standing(entries)) {
    const own = entry.value;
    if (own.serviceSelectors.length > 0) continue;
    const rival = elders.find((elder) => dispute(own, elder, pools, nodes));
    if (rival !== undefined) {
      const message = `differs from ${rival.localPref} of BGPAdvertisement "${rival.name}" for the same routes`;
      const remedy = 'give both the same localPref, or let their pools, peers or nodes differ';
      entry.dispute('spec.localPref', own.localPref, message, remedy);
    }
    elders.push(own);
  }
}

function dispute(
  a: BgpAdvertisement,
  b: BgpAdvertisement,
  pools: ReadonlyMap<string, Pool>,
  nodes: readonly NodeFacts[],
): boolean {
  if (a.localPref === b.localPref) return false;
  if (a.peers.length > 0 && b.peers.length > 0 && !a.peers.some((peer) => b.peers.includes(peer))) return false;
  if (!shareNode(a.nodeSelectors, b.nodeSelectors, nodes)) return false;
  for (const pool of pools.values()) {
    if (advertisesPool(a, pool) && advertisesPool(b, pool) && shareRoute(a, b, pool)) return true;
  }
  return false;
}

function shareRoute(a: BgpAdvertisement, b: BgpAdvertisement, pool: Pool): boolean {
  return pool.families.some((family) =>
    family === 'IPv4' ? a.aggregationLength === b.aggregationLength : a.aggregationLengthV6 === b.aggregationLengthV6,
  );
}
