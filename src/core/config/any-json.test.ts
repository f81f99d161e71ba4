import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject, Service } from '../api/kubernetes.ts';
import { buildConfiguration } from './build.ts';
import { CONFIG_KINDS } from './kinds.ts';
import type { Problem } from './problem.ts';
import type { RawConfiguration } from './raw-configuration.ts';
import { parseService } from './service.ts';
import { validateObject } from './validate.ts';

/** Words that the parsers look for, so that random JSON gets past the first check. */
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'metadata',
  'name',
  'namespace',
  'annotations',
  'labels',
  'spec',
  'status',
  'addresses',
  'serviceAllocation',
  'priority',
  'namespaces',
  'namespaceSelectors',
  'serviceSelectors',
  'matchLabels',
  'matchExpressions',
  'key',
  'operator',
  'values',
  'match',
  'pools',
  'quota',
  'perPool',
  'sharing',
  'dns',
  'hostname',
  'releaseDelay',
  'expiresAt',
  'holdDown',
  'contestedBy',
  'service',
  'communities',
  'value',
  'peers',
  'aggregationLength',
  'myASN',
  'peerASN',
  'peerAddress',
  'interface',
  'holdTime',
  'keepaliveTime',
  'passwordSecret',
  'nodeSelectors',
  'interfaces',
  'preferredNodeSelectors',
  'weight',
  'preference',
  'ports',
  'port',
  'protocol',
  'ipFamilies',
  'clusterIPs',
  'selector',
  'loadBalancerIP',
  'loadBalancer',
  'ingress',
  'ip',
  'ipAddressPools',
  'type',
  'address',
  'metallb.io/loadBalancerIPs',
];

const TEXTS = [
  '',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/8',
  '10.0.0.1',
  '10.0.0.1-fc00::1',
  '192.0.2.0/28',
  '2001:db8::/64',
  'fe80::1%eth0',
  '90s',
  '-1h',
  '1h30m',
  'In',
  'Exists',
  'team-a',
  'IPv4',
  'IPv6',
  '1:2',
  'large:1:2:3',
  '{name}.example.com',
  'Stable',
  'x'.repeat(5000),
  '\u0000\u001b[2J',
  '\ud800',
  '2030-01-01T00:00:00Z',
  '10.0.0.1,2001:db8::1',
];

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 1.5, 1e300, 179, 64512, 4294967296),
    fc.constantFrom(...TEXTS),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { maxLength: 6 }).map(asParsed),
  ),
}));

/** As JSON.parse makes it: `__proto__` is an own key. */
function asParsed(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries);
}

/** An object with a usable name and any spec, or anything at all. */
const object = fc.oneof(
  json,
  fc
    .record({ name: fc.constantFrom('a', 'b', 'c'), spec: json, annotations: json })
    .map(({ name, spec, annotations }) => ({
      metadata: { name, namespace: 'metallb-system', annotations },
      spec,
    })),
) as fc.Arbitrary<KubeObject>;

const objects = fc.array(object, { maxLength: 3 });
const raw: fc.Arbitrary<RawConfiguration> = fc.record({
  ipAddressPools: objects,
  addressPolicies: objects,
  addressReservations: objects,
  l2Advertisements: objects,
  bgpAdvertisements: objects,
  bgpPeers: objects,
  communities: objects,
  bfdProfiles: objects,
  nodes: objects,
});

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

function expectReadable(problems: readonly Problem[]): void {
  assert.ok(problems.length <= 200);
  for (const problem of problems) {
    assert.ok(problem.value.length <= 80);
    assert.notEqual(problem.message, '');
    assert.notEqual(problem.remedy, '');
    for (const text of Object.values(problem)) {
      assert.ok(text.length <= 1000, text);
      assert.doesNotMatch(text, UNPRINTABLE);
    }
  }
}

test('any JSON gives a configuration or problems, and never throws', () => {
  fc.assert(
    fc.property(raw, (each) => {
      const configuration = buildConfiguration(each);
      for (const problems of configuration.problems.values()) expectReadable(problems);
    }),
    { numRuns: 500 },
  );
});

test('any JSON is validated as any kind, and never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CONFIG_KINDS), object, raw, (kind, each, others) => {
      expectReadable(validateObject(kind, each, others, 0));
    }),
    { numRuns: 500 },
  );
});

test('any JSON is read as a Service, and never throws', () => {
  fc.assert(
    fc.property(json, json, json, json, (service, annotations, spec, status) => {
      expectReadable(parseService(service as Service).problems);
      const named = { metadata: { name: 'a', namespace: 'b', annotations, labels: annotations }, spec, status };
      expectReadable(parseService(named as unknown as Service).problems);
    }),
    { numRuns: 2000 },
  );
});

test('nothing that was read changes the prototype of all objects', () => {
  const polluted = JSON.parse(
    '{"metadata":{"name":"a","__proto__":{"polluted":1}},"spec":{"__proto__":{"polluted":1},"addresses":["192.0.2.0/28"],"quota":{"perPool":{"__proto__":{"polluted":1}}}}}',
  ) as KubeObject;
  for (const kind of CONFIG_KINDS) validateObject(kind, polluted, emptyOthers());
  parseService(polluted as Service);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('a configuration does not depend on the order in which objects arrive', () => {
  fc.assert(
    fc.property(raw, (each) => {
      // Two objects of one name can't exist in a cluster; then the order is all that tells them apart.
      const unique = mapLists(each, (all) => all.filter((one, index) => isFirstOfName(one, index, all)));
      const turned = mapLists(unique, (all) => all.toReversed());
      const { nodes: _, ...sameNodes } = turned;
      const [one, other] = [buildConfiguration(unique), buildConfiguration({ ...sameNodes, nodes: unique.nodes })];
      assert.deepEqual({ ...one, problems: sorted(one.problems) }, { ...other, problems: sorted(other.problems) });
    }),
    { numRuns: 300 },
  );
});

function mapLists(each: RawConfiguration, change: (all: readonly KubeObject[]) => KubeObject[]): RawConfiguration {
  const lists = Object.entries(each) as [keyof RawConfiguration, readonly KubeObject[]][];
  return Object.fromEntries(lists.map(([list, all]) => [list, change(all)])) as unknown as RawConfiguration;
}

function isFirstOfName(one: KubeObject, index: number, all: readonly KubeObject[]): boolean {
  return nameOf(one) !== undefined && all.findIndex((other) => nameOf(other) === nameOf(one)) === index;
}

function nameOf(each: unknown): unknown {
  return (each as { metadata?: { name?: unknown } } | null)?.metadata?.name;
}

function sorted(problems: ReadonlyMap<string, readonly Problem[]>): readonly string[] {
  return [...problems].map(([key, all]) => `${key} ${all.map((each) => JSON.stringify(each)).sort()}`).sort();
}

function emptyOthers(): RawConfiguration {
  return {
    ipAddressPools: [],
    addressPolicies: [],
    addressReservations: [],
    l2Advertisements: [],
    bgpAdvertisements: [],
    bgpPeers: [],
    communities: [],
    bfdProfiles: [],
    nodes: [],
  };
}
