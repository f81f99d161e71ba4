/** AddressPolicy: the rules that MetalLB has no field for. */
import type { Millis } from '../time.ts';
import type { Policy, PolicyMatch, Sharing } from './configuration.ts';
import type { Fields } from './fields.ts';
import { HOSTNAME_VARIABLES, isUniqueTemplate, renderHostname } from './hostname-template.ts';
import { readMetadata } from './metadata.ts';
import { readQuota } from './quota.ts';
import { readDuration, readSeconds } from './read-duration.ts';
import { readNamespaces, readObjectNames } from './read-names.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';
import { readSelector, type Selector } from './selector.ts';

const FIELDS = ['priority', 'match', 'pools', 'quota', 'strategy', 'releaseDelay', 'onExhausted', 'sharing', 'dns'];

const A_YEAR_IN_SECONDS = 365 * 24 * 3600;

/** Reads an AddressPolicy by itself; undefined where the report gained an error. */
export function readPolicy(object: unknown, report: Report): Policy | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, FIELDS, report);
  const policy: Policy = {
    name: metadata.name,
    priority: spec.integer('priority', 0, 2147483647) ?? Number.POSITIVE_INFINITY,
    match: readMatch(spec, report),
    pools: readObjectNames(spec, 'pools', report),
    quota: readQuota(spec, report),
    strategy: spec.word('strategy', ['Lowest', 'Stable']),
    releaseDelay: readReleaseDelay(spec, report),
    onExhausted: spec.word('onExhausted', ['Reject', 'Pend']),
    sharing: readSharing(spec, report),
    dns: readDns(spec, report),
    generation: metadata.generation,
  };
  if (report.errors > before) return undefined;
  if (saysNothing(policy)) {
    report.warn('spec', undefined, 'states no rule', 'write pools, a quota, or another rule, or delete the policy');
  }
  return policy;
}

function readMatch(spec: Fields, report: Report): PolicyMatch | undefined {
  const match = spec.object('match');
  if (match === undefined) return undefined;
  match.warnUnknown(['namespaces', 'namespaceSelector', 'serviceSelector', 'categories']);
  for (const key of ['namespaces', 'categories']) {
    if (!match.has(key) || match.list(key).length > 0) continue;
    const remedy = `list what the policy is for, or remove ${key} to match any`;
    report.warn(match.pathOf(key), undefined, 'is an empty list, which matches no Service', remedy);
  }
  return {
    namespaces: match.has('namespaces') ? readNamespaces(match, 'namespaces', report) : undefined,
    namespaceSelector: readOptionalSelector(match, 'namespaceSelector', report),
    serviceSelector: readOptionalSelector(match, 'serviceSelector', report),
    categories: match.has('categories') ? match.strings('categories') : undefined,
  };
}

function readOptionalSelector(fields: Fields, key: string, report: Report): Selector | undefined {
  return fields.has(key) ? readSelector(fields.raw(key), fields.pathOf(key), report) : undefined;
}

function readReleaseDelay(spec: Fields, report: Report): Millis | undefined {
  return readDuration(spec, 'releaseDelay', A_YEAR_IN_SECONDS, report);
}

function readSharing(spec: Fields, report: Report): Sharing | undefined {
  const sharing = spec.object('sharing');
  if (sharing === undefined) return undefined;
  sharing.warnUnknown(['namespaces', 'namespaceSelector']);
  const namespaces = readNamespaces(sharing, 'namespaces', report);
  const namespaceSelector = readOptionalSelector(sharing, 'namespaceSelector', report);
  if (namespaces.length === 0 && !sharing.has('namespaceSelector')) {
    report.warn(
      sharing.path,
      undefined,
      'names no namespace and lets nobody share',
      'list namespaces, or remove sharing',
    );
  }
  return { namespaces, namespaceSelector };
}

/** Words that any Service could have, to see what a template comes to. */
const SAMPLE = { name: 'web', namespace: 'team', pool: 'pool', category: 'application' };

function readDns(spec: Fields, report: Report): Policy['dns'] {
  const dns = spec.object('dns');
  if (dns === undefined) return undefined;
  dns.warnUnknown(['hostname', 'ttl']);
  const hostname = dns.string('hostname');
  const path = dns.pathOf('hostname');
  const ttlSeconds = readSeconds(dns, 'ttl', 2147483647, report);
  const variables = HOSTNAME_VARIABLES.map((variable) => `{${variable}}`).join(', ');
  const remedy = `write a DNS name with the variables ${variables}, such as {name}.{namespace}.example.com`;
  if (hostname === undefined) {
    report.error(path, undefined, 'is missing', remedy);
    return undefined;
  }
  const rendered = renderHostname(hostname, SAMPLE);
  if (!rendered.ok) {
    report.error(path, hostname, rendered.error, remedy);
  } else if (!isUniqueTemplate(hostname)) {
    report.warn(path, hostname, 'gives the same name to more than one Service', 'use both {name} and {namespace}');
  }
  report.warn(dns.path, undefined, 'is checked, but this release publishes no DNS names', 'keep it, or remove dns');
  return { hostname, ttlSeconds };
}

function saysNothing(policy: Policy): boolean {
  const { pools, quota, strategy, releaseDelay, onExhausted, sharing, dns } = policy;
  const rules = [quota, strategy, releaseDelay, onExhausted, sharing, dns];
  return pools.length === 0 && rules.every((rule) => rule === undefined);
}
