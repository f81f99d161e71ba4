/** The IP families of a Service, as the apiserver wrote them or will write them. */
import type { Family } from '../net/address.ts';
import type { Fields } from './fields.ts';
import type { Report } from './report.ts';

const POLICIES = ['SingleStack', 'PreferDualStack', 'RequireDualStack'] as const;
type FamilyPolicy = (typeof POLICIES)[number];

export interface ServiceFamilies {
  readonly families: readonly Family[];
  readonly familyPolicy: FamilyPolicy;
}

/**
 * Reads `spec.ipFamilies`, else the families of `spec.clusterIPs`. Where
 * neither says enough (an object that the apiserver hasn't completed), fills in
 * as the apiserver would: the first family of the cluster, or both where the
 * policy wants two.
 */
export function readFamilies(spec: Fields, clusterFamilies: readonly Family[], report: Report): ServiceFamilies {
  const given = readGiven(spec, report);
  const clusterAddresses = readClusterAddresses(spec);
  const known = given.length > 0 ? given : clusterAddresses;
  // Without a policy, the number of families is the policy (also in objects from before dual stack).
  const familyPolicy = spec.word('ipFamilyPolicy', POLICIES) ?? (known.length > 1 ? 'RequireDualStack' : 'SingleStack');
  const completed = clusterAddresses.length > 0;
  return { families: completed ? known : complete(known, familyPolicy, clusterFamilies), familyPolicy };
}

function readGiven(spec: Fields, report: Report): readonly Family[] {
  const families: Family[] = [];
  for (const { value, path } of spec.list('ipFamilies')) {
    if (value !== 'IPv4' && value !== 'IPv6') {
      report.error(path, value, 'must be IPv4 or IPv6', 'write IPv4 or IPv6');
    } else if (!families.includes(value)) {
      families.push(value);
    }
  }
  return families;
}

/** The colon tells the family; "None" and '' have none. */
function readClusterAddresses(spec: Fields): readonly Family[] {
  const list = spec.raw('clusterIPs');
  const addresses: readonly unknown[] = Array.isArray(list) ? list : [spec.raw('clusterIP')];
  const families = addresses.flatMap((address): Family[] => {
    if (typeof address !== 'string' || address === '' || address === 'None') return [];
    return [address.includes(':') ? 'IPv6' : 'IPv4'];
  });
  return [...new Set(families)];
}

function complete(known: readonly Family[], policy: FamilyPolicy, cluster: readonly Family[]): readonly Family[] {
  const first = known[0] ?? cluster[0] ?? 'IPv4';
  const other: Family = first === 'IPv4' ? 'IPv6' : 'IPv4';
  switch (policy) {
    case 'SingleStack':
      return [first];
    case 'PreferDualStack':
      return known.length > 1 || cluster.includes(other) ? [first, other] : [first];
    case 'RequireDualStack':
      return [first, other];
  }
}
