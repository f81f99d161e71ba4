/** Configurations and Services picked by numbers, for sequences that fast-check can shrink. */
import type { ServiceSpec, WorldSpec } from './world.ts';

export function pick<T>(list: readonly T[], index: number): T {
  const chosen = list[index % list.length];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}

/** An empty one is left out. */
const allocations: readonly Record<string, unknown>[] = [
  {},
  {},
  { namespaces: ['team-a'], priority: 20 },
  { namespaceSelectors: [{ matchLabels: { env: 'prod' } }] },
  { serviceSelectors: [{ matchLabels: { team: 'x' } }], priority: 10 },
  { namespaces: ['team-b'], serviceSelectors: [{ matchLabels: { team: 'x' } }], priority: 20 },
];

/** Pools `p0` to `p3` on ranges of their own; small, so that they fill. */
function poolSpecs(seed: number): Record<string, Record<string, unknown>> {
  const pools: Record<string, Record<string, unknown>> = {};
  for (let index = 0; index < 4; index += 1) {
    const own = Math.floor(seed / 7 ** index);
    const four = pick([`10.0.${index}.0/30`, `10.0.${index}.0/29`, `10.0.${index}.2-10.0.${index}.4`], own);
    const addresses = own % 2 === 0 ? [four, `fd00:${index}::/127`] : [four];
    const serviceAllocation = pick(allocations, own);
    pools[`p${index}`] = {
      addresses,
      autoAssign: own % 5 !== 0,
      avoidBuggyIPs: own % 11 === 0,
      ...(Object.keys(serviceAllocation).length === 0 ? {} : { serviceAllocation }),
    };
  }
  return pools;
}

const policyChoices: Readonly<Record<string, Record<string, unknown>>> = {
  'a-quota': { match: { namespaces: ['team-a'] }, priority: 5, quota: { addresses: 4, services: 3 } },
  'b-family-quota': { match: { namespaces: ['team-b'] }, quota: { addressesIPv4: 2, perPool: { p0: 1, p1: 1 } } },
  'c-pools': { match: { categories: ['ingress'] }, priority: 7, pools: ['p2', 'p0'] },
  'd-stable': { strategy: 'Stable' },
  'e-sharing': { sharing: { namespaces: ['team-a', 'team-b'] } },
  'f-pend': { match: { namespaceSelector: { matchLabels: { env: 'prod' } } }, onExhausted: 'Pend' },
  'g-pools': { priority: 9, match: { namespaces: ['team-c'] }, pools: ['p3', 'ghost', 'p1'] },
};

const reservationChoices: Readonly<Record<string, Record<string, unknown>>> = {
  'a-web': { addresses: ['10.0.0.1', 'fd00:0::1'], namespace: 'team-a', service: 's0' },
  'b-all': { addresses: ['10.0.1.0/31'], namespace: 'team-b' },
  'c-two': { addresses: ['10.0.2.2-10.0.2.3'], namespace: 'team-c', service: 's1' },
  down: {
    addresses: ['10.0.3.3'],
    namespace: 'team-a',
    service: 's2',
    holdDown: true,
    expiresAt: '2026-07-19T11:43:00Z',
  },
  strange: {
    addresses: ['10.0.1.2', '10.0.3.2'],
    namespace: 'team-a',
    service: 's0',
    holdDown: true,
    contestedBy: '02:00:00:00:00:ee',
    expiresAt: '2026-07-19T11:43:00Z',
  },
};

/** Keeps the entries whose bit is set. */
function subset<T>(choices: Readonly<Record<string, T>>, bits: number): Record<string, T> {
  return Object.fromEntries(Object.entries(choices).filter((_, index) => (bits >> index) % 2 === 1));
}

export function randomWorld(pools: number, policies: number, reservations: number): WorldSpec {
  return {
    pools: poolSpecs(pools),
    policies: subset(policyChoices, policies),
    reservations: subset(reservationChoices, reservations),
    namespaces: {
      'team-a': { env: pools % 2 === 0 ? 'prod' : 'test' },
      'team-b': policies % 3 === 0 ? { env: 'prod', 'berth.dev/pool': pick(['p1', 'ghost', 'p3'], pools) } : {},
    },
  };
}

/** The same objects, written down in the opposite order. */
export function reversedWorld(spec: WorldSpec): WorldSpec {
  const turned = <T>(map: Readonly<Record<string, T>> = {}): Record<string, T> =>
    Object.fromEntries(Object.entries(map).reverse());
  return {
    ...spec,
    pools: turned(spec.pools),
    policies: turned(spec.policies),
    reservations: turned(spec.reservations),
  };
}

const keys = ['team-a', 'team-b', 'team-c'].flatMap((namespace) =>
  ['s0', 's1', 's2', 's3', 's4'].map((name) => `${namespace}/${name}`),
);

const wishes: readonly Record<string, string>[] = [
  {},
  {},
  {},
  { 'metallb.io/address-pool': 'p0' },
  { 'metallb.io/address-pool': 'p1' },
  { 'metallb.io/address-pool': 'ghost' },
  { 'metallb.io/loadBalancerIPs': '10.0.0.2' },
  { 'metallb.io/loadBalancerIPs': '10.0.2.3, fd00:2::1' },
  { 'metallb.io/loadBalancerIPs': '10.0.1.1', 'metallb.io/address-pool': 'p1' },
  { 'metallb.io/loadBalancerIPs': 'nonsense' },
  { 'berth.dev/category': 'ingress' },
  { 'berth.dev/assigned-pool': 'p3' },
];

const sharing: readonly Record<string, string>[] = [
  {},
  {},
  { 'metallb.io/allow-shared-ip': 'k' },
  { 'metallb.io/allow-shared-ip': 'k' },
  { 'metallb.io/allow-shared-ip': 'other' },
];

const families: readonly Pick<ServiceSpec, 'families' | 'familyPolicy'>[] = [
  { families: ['IPv4'] },
  { families: ['IPv4'] },
  { families: ['IPv6'] },
  { families: ['IPv4', 'IPv6'], familyPolicy: 'PreferDualStack' },
  { families: ['IPv6', 'IPv4'], familyPolicy: 'PreferDualStack' },
  { families: ['IPv4', 'IPv6'], familyPolicy: 'RequireDualStack' },
];

const ports = [['TCP/80'], ['TCP/80', 'TCP/443'], ['TCP/443'], ['UDP/53', 'TCP/53'], ['SCTP/132']];

export function randomKey(who: number): string {
  return pick(keys, who);
}

/** A Service as its author writes it. */
export function randomService(who: number, what: number): ServiceSpec {
  return {
    key: randomKey(who),
    createdAt: `2026-07-${String(1 + (who % 28)).padStart(2, '0')}T00:00:00Z`,
    labels: what % 4 === 0 ? { team: 'x' } : {},
    annotations: { ...pick(wishes, what), ...pick(sharing, Math.floor(what / 13)) },
    ...pick(families, Math.floor(what / 71)),
    ports: pick(ports, Math.floor(what / 433)),
    trafficPolicy: Math.floor(what / 2311) % 5 === 0 ? 'Local' : 'Cluster',
    selector: { app: pick(['x', 'y'], Math.floor(what / 7)) },
  };
}
