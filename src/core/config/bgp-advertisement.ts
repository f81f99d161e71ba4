/** BGPAdvertisement: which routes are sent for the addresses of which pools, to which peers. */
import { warnOfAbsent } from './absent-reference.ts';
import { ADVERTISEMENT_FIELDS, type Advertisement, readSelection } from './advertisement.ts';
import { COMMUNITY_EXAMPLE, type CommunityValue, formatCommunity, parseCommunity } from './community.ts';
import type { Fields } from './fields.ts';
import { readMetadata } from './metadata.ts';
import { readObjectNames } from './read-names.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';

export interface BgpAdvertisement extends Advertisement {
  /** Prefix length of the IPv4 routes, 1 to 32. */
  readonly aggregationLength: number;
  /** Prefix length of the IPv6 routes, 1 to 128. */
  readonly aggregationLengthV6: number;
  /** LOCAL_PREF, sent to internal peers only; 0 where the object gives none. */
  readonly localPref: number;
  /** Aliases are resolved already. */
  readonly communities: readonly CommunityValue[];
  /** Aliases that no Community object gives yet: a route without its communities may go where it must not. */
  readonly absentCommunities: readonly string[];
  /** Names of BGPPeers; empty: every peer. */
  readonly peers: readonly string[];
  readonly generation: number;
}

const FIELDS = [
  ...ADVERTISEMENT_FIELDS,
  'aggregationLength',
  'aggregationLengthV6',
  'localPref',
  'communities',
  'peers',
];

/** Reads a BGPAdvertisement by itself, with the aliases that all Community objects give; undefined where the report gained an error. */
export function readBgpAdvertisement(
  object: unknown,
  aliases: ReadonlyMap<string, CommunityValue>,
  report: Report,
): BgpAdvertisement | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, FIELDS, report);
  const advertisement: BgpAdvertisement = {
    ...readSelection(metadata.name, spec, report),
    aggregationLength: spec.integer('aggregationLength', 1, 32) ?? 32,
    aggregationLengthV6: spec.integer('aggregationLengthV6', 1, 128) ?? 128,
    localPref: spec.integer('localPref', 0, 0xffff_ffff) ?? 0,
    ...readCommunities(spec, aliases, report),
    peers: readObjectNames(spec, 'peers', report),
    generation: metadata.generation,
  };
  checkAggregationOfSelected(advertisement, spec, report);
  return report.errors === before ? advertisement : undefined;
}

function readCommunities(
  spec: Fields,
  aliases: ReadonlyMap<string, CommunityValue>,
  report: Report,
): Pick<BgpAdvertisement, 'communities' | 'absentCommunities'> {
  const found = new Map<string, CommunityValue>();
  const absent: string[] = [];
  const path = spec.pathOf('communities');
  for (const text of spec.strings('communities')) {
    const value = aliases.get(text);
    const literal = value === undefined && text.includes(':') ? parseCommunity(text) : undefined;
    if (value !== undefined) found.set(formatCommunity(value), value);
    else if (literal?.ok === true) found.set(formatCommunity(literal.value), literal.value);
    else if (literal !== undefined) report.error(path, text, literal.error, COMMUNITY_EXAMPLE);
    else {
      absent.push(text);
      warnOfAbsent(report, path, text, 'alias of a Community');
    }
  }
  return { communities: [...found.values()], absentCommunities: absent };
}

/** A route for many addresses can't follow one Service's labels. */
function checkAggregationOfSelected(advertisement: BgpAdvertisement, spec: Fields, report: Report): void {
  if (advertisement.serviceSelectors.length === 0) return;
  for (const [key, whole] of [
    ['aggregationLength', 32],
    ['aggregationLengthV6', 128],
  ] as const) {
    if (advertisement[key] === whole) continue;
    const message = `with serviceSelectors each address needs a route of its own, of length ${whole}`;
    report.error(spec.pathOf(key), advertisement[key], message, `remove ${key}, or remove serviceSelectors`);
  }
}
