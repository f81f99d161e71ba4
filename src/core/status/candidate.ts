/** Why one pool was passed over, in half a sentence that goes on from the pool's name. */
import type { FamilyCounts } from '../ipam/ledger.ts';
import type { Family } from '../net/address.ts';
import type { Missing } from '../policy/ask.ts';
import type { PassedOver, Pinned, QuotaReached } from '../policy/failure.ts';
import { quote } from './text.ts';

export function candidateSentence(passed: PassedOver): string {
  switch (passed.why) {
    case 'absent':
    case 'deleting':
    case 'faulty':
      return missingSentence(passed.why);
    case 'pinned':
      return pinnedSentence(passed.pinned);
    case 'by-name-only':
      return 'is given only where it is asked for by name';
    case 'lacks-family':
      return `has no ${passed.family} range`;
    case 'full':
      return fullSentence(passed.family, passed.counts, passed.namespace, passed.own);
    case 'quota':
      return quotaSentence(passed.quota);
  }
}

export function missingSentence(state: Missing): string {
  switch (state) {
    case 'absent':
      return 'does not exist';
    case 'deleting':
      return 'is being deleted';
    case 'faulty':
      return 'has faults and is not in force';
  }
}

export function pinnedSentence(pinned: Pinned): string {
  if (pinned.by === 'namespace') return 'is pinned to other namespaces by its serviceAllocation';
  return `takes only Services labelled ${pinned.wanted}`;
}

/** `0 of 16 IPv4 addresses free (3 reserved, team-a holds 12)`; of other namespaces, nothing. */
export function fullSentence(family: Family, counts: FamilyCounts, namespace: string, own: number): string {
  const details = [
    counts.reserved > 0n ? `${counts.reserved} reserved` : '',
    counts.held > 0n ? `${counts.held} held down after release` : '',
    counts.avoided > 0n ? `${counts.avoided} avoided for ending in .0 or .255` : '',
    own > 0 ? `${namespace} holds ${own}` : '',
  ].filter((detail) => detail !== '');
  const free = `${counts.available} of ${counts.total} ${family} addresses free`;
  return details.length === 0 ? free : `${free} (${details.join(', ')})`;
}

/** `team-a has 3 of 3 addresses that AddressPolicy "tenants" allows`. */
export function quotaSentence(quota: QuotaReached): string {
  const { namespace, used, limit, counted, pool, policy, wanted } = quota;
  const what = pool === undefined ? counted : `${counted} of this pool`;
  const need = wanted > 1 ? `, and this Service needs ${wanted} more` : '';
  return `${namespace} has ${used} of ${limit} ${what} that AddressPolicy ${quote(policy)} allows${need}`;
}
