/** BGPAdvertisement: which routes are sent for the addresses of which pools, to which peers. */
import { reportAbsentReference } from './absent-reference.ts';
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
    communities: readCommunities(spec, aliases, report),
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
): readonly CommunityValue[] {
  const found = new Map<string, CommunityValue>();
  const path = spec.pathOf('communities');
  for (const text of spec.strings('communities')) {
    const value = aliases.get(text) ?? readLiteral(text, path, report);
    if (value === undefined) continue;
    const canonical = formatCommunity(value);
    if (found.has(canonical)) {
      report.warn(path, text, `is ${canonical}, which the list already holds`, 'remove one of the two');
    }
    found.set(canonical, value);
  }
  return [...found.values()];
}

function readLiteral(text: string, path: string, report: Report): CommunityValue | undefined {
  if (!text.includes(':')) {
    const remedy = 'correct the name, or create the Community object that holds it first';
    reportAbsentReference(report, path, text, 'is no alias that a Community object gives', remedy);
    return undefined;
  }
  const parsed = parseCommunity(text);
  if (parsed.ok) return parsed.value;
  report.error(path, text, parsed.error, COMMUNITY_EXAMPLE);
  return undefined;
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
