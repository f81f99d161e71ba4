/** Pools were asked, and none could serve: which, with what numbers, and what to do. */
import type { RefusalReason } from '../policy/decision.ts';
import type { Failure, PassedOver, Tried } from '../policy/failure.ts';
import { candidateSentence } from './candidate.ts';
import { askFor, remedies } from './remedy.ts';
import { list, quote } from './text.ts';

type NoneServes = Failure & { readonly kind: 'none-serves' };

/** What the author can do most about comes first. */
export function noneServesReason({ tried }: NoneServes): RefusalReason {
  const has = (why: PassedOver['why']): boolean => tried.some(({ passed }) => passed.why === why);
  if (has('quota')) return 'QuotaExceeded';
  if (has('full')) return 'OutOfIPs';
  if (has('lacks-family')) return 'FamilyMismatch';
  return 'PoolForbidden';
}

export function noneServesField(failure: NoneServes, named: string): string {
  const quota = wholeQuota(failure.tried);
  if (quota?.counted === 'Services') return 'spec.type';
  return noneServesReason(failure) === 'FamilyMismatch' ? 'spec.ipFamilies' : named;
}

export function noneServesSentence(failure: NoneServes): string {
  const { tried } = failure;
  const [first] = tried;
  const quota = wholeQuota(tried);
  const passed = first?.passed;
  const [only] = tried.length === 1 ? tried : [];
  const remedy = remedyFor(failure);
  if (quota !== undefined && passed !== undefined)
    return `Cannot assign an address: ${candidateSentence(passed)}; ${remedy}`;
  if (only !== undefined) return `Cannot assign pool ${quote(only.pool)}: ${stateOf(only)}; ${remedy}`;
  const states = tried.map((each) => `${quote(each.pool)} ${inRun(each)}`);
  return `Cannot assign any of ${tried.length} pools: ${list(states, 3)}; ${remedy}`;
}

/** The quota over all pools that stands in the way of each of them alike. */
function wholeQuota(tried: readonly Tried[]): (PassedOver & { readonly why: 'quota' })['quota'] | undefined {
  const quotas = tried.map(({ passed }) => (passed.why === 'quota' ? passed.quota : undefined));
  return quotas.every((quota) => quota !== undefined && quota.pool === undefined) ? quotas[0] : undefined;
}

function stateOf({ passed }: Tried): string {
  const sentence = candidateSentence(passed);
  return passed.why === 'full' || passed.why === 'quota' ? sentence : `it ${sentence}`;
}

function inRun({ passed }: Tried): string {
  switch (passed.why) {
    case 'full':
      return `has ${candidateSentence(passed)}`;
    case 'quota':
      return `is at its quota (${candidateSentence(passed)})`;
    case 'absent':
    case 'deleting':
    case 'faulty':
    case 'pinned':
    case 'by-name-only':
    case 'lacks-family':
      return candidateSentence(passed);
  }
}

function remedyFor(failure: NoneServes): string {
  const ask = askFor(failure.alternatives);
  const pool = failure.tried.length === 1 ? 'the pool' : 'a pool';
  switch (noneServesReason(failure)) {
    case 'QuotaExceeded': {
      const services = wholeQuota(failure.tried)?.counted === 'Services';
      const whole = wholeQuota(failure.tried) !== undefined;
      return remedies(whole ? [] : ask, services ? 'delete a Service' : 'release an address', 'have the quota raised');
    }
    case 'OutOfIPs':
      return remedies(ask, ask.length > 0 ? [] : 'release an address', `have ${pool} enlarged`);
    case 'FamilyMismatch':
      return remedies(ask, 'change spec.ipFamilies', `have a range of that family added to ${pool}`);
    default:
      return remedies(ask, `have the Service let in by the serviceAllocation of ${pool}`);
  }
}
