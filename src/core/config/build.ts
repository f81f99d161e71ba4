/** Everything that is configured, from raw objects to one typed value. */
import { readPolicy } from './address-policy.ts';
import { readReservation } from './address-reservation.ts';
import { readBfdProfile } from './bfd-profile.ts';
import { readBgpAdvertisement } from './bgp-advertisement.ts';
import { readBgpPeer } from './bgp-peer.ts';
import { checkAggregation } from './checks/aggregation.ts';
import { checkBfdEcho } from './checks/bfd-echo.ts';
import { settleAliases } from './checks/community-aliases.ts';
import { checkContradictions } from './checks/contradicting-policies.ts';
import { checkDuplicatePeers } from './checks/duplicate-peers.ts';
import { checkLocalPreference } from './checks/local-preference.ts';
import { readNodes } from './checks/node-facts.ts';
import { settlePools } from './checks/pool-overlaps.ts';
import { checkPeerNames, checkPolicyPools, checkProfileNames, checkSelection } from './checks/references.ts';
import { checkReservationOverlaps, checkReservedPools } from './checks/reservation-overlaps.ts';
import { readCommunity } from './community.ts';
import type { Configuration, Policy } from './configuration.ts';
import { compareText, type Entry, entryKey, type ReadOptions, readAll, settled } from './entry.ts';
import { readPool } from './ip-address-pool.ts';
import type { ConfigKind } from './kinds.ts';
import { readL2Advertisement } from './l2-advertisement.ts';
import type { Problem } from './problem.ts';
import type { RawConfiguration } from './raw-configuration.ts';

/**
 * The configuration that is in effect. Total on any JSON. An object in error
 * is left out and listed in `problems`; what objects dispute among each other
 * goes to the elder one, with a warning on both. The objects must never be
 * changed in place: what was read of one is remembered for the next build.
 */
export function buildConfiguration(raw: RawConfiguration): Configuration {
  return assemble(raw, { strict: false });
}

/** How an assembly reads disputes, and which object is at the door. */
export interface AssemblyOptions {
  readonly strict: boolean;
  readonly admitting?: { readonly kind: ConfigKind; readonly name: string };
}

/** As `buildConfiguration`; at admission (`strict`) every dispute is an error of the object that comes last. */
export function assemble(raw: RawConfiguration, { strict, admitting }: AssemblyOptions): Configuration {
  const optionsFor = (kind: ConfigKind): ReadOptions => ({
    strict,
    admitting: admitting?.kind === kind ? admitting.name : undefined,
  });
  const all = <T>(kind: ConfigKind, objects: readonly unknown[], read: Parameters<typeof readAll<T>>[3]) =>
    readAll(kind, objects, optionsFor(kind), read);

  const nodes = readNodes(raw.nodes);
  const poolEntries = all('IPAddressPool', raw.ipAddressPools, readPool);
  const pools = settlePools(poolEntries, nodes);

  const l2Advertisements = all('L2Advertisement', raw.l2Advertisements, readL2Advertisement);
  checkSelection(l2Advertisements, poolEntries, nodes);

  const communities = all('Community', raw.communities, readCommunity);
  const aliases = settleAliases(communities);
  const bfdProfiles = all('BFDProfile', raw.bfdProfiles, readBfdProfile);
  const bgpPeers = all('BGPPeer', raw.bgpPeers, readBgpPeer);
  checkProfileNames(bgpPeers, bfdProfiles);
  checkDuplicatePeers(bgpPeers, nodes);
  const bgpAdvertisements = all('BGPAdvertisement', raw.bgpAdvertisements, (object, report) =>
    readBgpAdvertisement(object, aliases, report),
  );
  checkSelection(bgpAdvertisements, poolEntries, nodes);
  checkPeerNames(bgpAdvertisements, bgpPeers);
  checkAggregation(bgpAdvertisements, poolEntries);
  checkLocalPreference(bgpAdvertisements, pools, nodes);
  checkBfdEcho(bgpAdvertisements, pools, bgpPeers, bfdProfiles);

  const policies = all('AddressPolicy', raw.addressPolicies, readPolicy);
  checkPolicyPools(policies, poolEntries);
  checkContradictions(policies);
  const reservations = all('AddressReservation', raw.addressReservations, readReservation);
  checkReservedPools(reservations, pools);
  checkReservationOverlaps(reservations);

  return {
    pools,
    policies: settled(policies).toSorted(byPriority),
    reservations: settled(reservations),
    l2Advertisements: settled(l2Advertisements),
    bgpAdvertisements: settled(bgpAdvertisements),
    bgpPeers: settled(bgpPeers),
    bfdProfiles: settled(bfdProfiles),
    communities: settled(communities),
    problems: problemsOf([
      ...poolEntries,
      ...policies,
      ...reservations,
      ...l2Advertisements,
      ...bgpAdvertisements,
      ...bgpPeers,
      ...communities,
      ...bfdProfiles,
    ]),
  };
}

function byPriority(a: Policy, b: Policy): number {
  if (a.priority !== b.priority) return a.priority < b.priority ? -1 : 1;
  return compareText(a.name, b.name);
}

function problemsOf(entries: readonly Entry<unknown>[]): ReadonlyMap<string, readonly Problem[]> {
  const problems = new Map<string, readonly Problem[]>();
  for (const { kind, name, report } of entries) {
    const found = report.problems();
    if (found.length === 0) continue;
    const key = entryKey(kind, name);
    problems.set(key, [...(problems.get(key) ?? []), ...found]);
  }
  return problems;
}
