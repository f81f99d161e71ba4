/** What is legal and unwise: said beside an answer, never in its way. */
import type { ServiceRequest } from '../config/service-request.ts';
import type { Clash } from '../ipam/sharing.ts';
import { type Address, type Family, formatAddress } from '../net/address.ts';
import type { Ask } from '../policy/ask.ts';
import { hostnameWarnings } from './hostname.ts';
import { problemSentence } from './problem.ts';
import { quote } from './text.ts';

/** From this share on a pool or a quota counts as nearly used up, in per cent. */
export const NEARLY_FULL_PERCENT = 90;

/** What the Service's own fields give rise to. */
export function problemWarnings(request: ServiceRequest): readonly string[] {
  return request.problems.filter(({ severity }) => severity === 'warning').map(problemSentence);
}

/** What an assignment gives rise to: a pool or a quota that is nearly used up once it is carried out. */
export function assignmentWarnings(ask: Ask, pool: string, addresses: readonly Address[]): readonly string[] {
  return [
    ...addresses.flatMap((address) => poolWarning(ask, pool, address)),
    ...quotaWarning(ask, addresses),
    ...hostnameWarnings(ask.rules.dns?.hostname, ask.request, pool),
  ];
}

function poolWarning(ask: Ask, pool: string, address: Address): readonly string[] {
  const { family } = address;
  const counts = ask.world.ledger.counts(pool, ask.world.now)[family];
  const before = counts.total - counts.available;
  const used = before + (isFree(ask, address) ? 1n : 0n);
  if (!isNearlyFull(used, counts.total)) return [];
  return [nearlyFull(pool, family, used, counts.total)];
}

function isFree(ask: Ask, address: Address): boolean {
  const { ledger, now } = ask.world;
  return ledger.holders(address).length === 0 && ledger.reservationsAt(address, now).length === 0;
}

export function isNearlyFull(used: bigint, total: bigint): boolean {
  return total > 0n && used * 100n >= total * BigInt(NEARLY_FULL_PERCENT);
}

export function nearlyFull(pool: string, family: Family, used: bigint, total: bigint): string {
  return `pool ${quote(pool)} is ${(used * 100n) / total} % full: ${used} of ${total} ${family} addresses used or reserved`;
}

function quotaWarning(ask: Ask, addresses: readonly Address[]): readonly string[] {
  const { quota } = ask.rules;
  const limit = quota?.limits.addresses;
  if (quota === undefined || limit === undefined) return [];
  const { key, namespace } = ask.request;
  const { without } = ask.usage();
  const added = addresses.filter(
    (address) => !ask.world.ledger.holders(address).some((each) => each.namespace === namespace && each.key !== key),
  );
  const used = without.addresses.IPv4 + without.addresses.IPv6 + added.length;
  if (used * 100 < limit * NEARLY_FULL_PERCENT) return [];
  return [`${namespace} has ${used} of ${limit} addresses that AddressPolicy ${quote(quota.policy)} allows`];
}

/** Sharers whose sharing would not be allowed anew. */
export function softClash(address: Address, other: string, why: Clash['why']): string {
  return `${formatAddress(address)} is shared with ${other}, and would not be anew: ${clashWords(why)}; both keep it`;
}

function clashWords(why: Clash['why']): string {
  switch (why) {
    case 'exclusive':
      return 'one of the two has no sharing key';
    case 'namespace':
      return 'no AddressPolicy lets the two namespaces share any more';
    case 'key':
      return 'their sharing keys differ';
    case 'port':
      return 'both want one port';
    case 'traffic-policy':
    case 'backends':
      return 'externalTrafficPolicy is Local, and their selectors differ';
  }
}
