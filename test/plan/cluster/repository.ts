/** Random repositories: namespaces, pools, policies, reservations and Services, edited over several commits. */

/** An object of git, by `Kind/namespace/name`. */
export type Tree = ReadonlyMap<string, GitObject>;

export interface GitObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** mulberry32: the same numbers for the same seed, everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, and without, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** True in one of `of` cases. */
  one(of: number): boolean {
    return this.below(of) === 0;
  }

  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((value) => ({ value, order: this.next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ value }) => value);
  }
}

export const NAMESPACES = ['team-a', 'team-b', 'team-c'] as const;
const SYSTEM = 'metallb-system';
const POOLS = ['p0', 'p1', 'p2'] as const;

export function keyOf({ kind, metadata }: GitObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The trees of the commits of one repository, the first one first. */
export function randomRepository(seed: number): readonly Tree[] {
  const random = new Random(seed);
  const tree = new Map<string, GitObject>();
  const put = (object: GitObject): void => {
    tree.set(keyOf(object), object);
  };
  for (const name of NAMESPACES) put(namespace(random, name));
  for (let left = 1 + random.below(3); left > 0; left -= 1) put(pool(random));
  for (let left = random.below(3); left > 0; left -= 1) put(policy(random));
  for (let left = random.below(2); left > 0; left -= 1) put(reservation(random));
  for (let left = 1 + random.below(4); left > 0; left -= 1) put(service(random));
  const commits: Tree[] = [new Map(tree)];
  for (let left = 1 + random.below(2); left > 0; left -= 1) {
    for (let edits = 1 + random.below(3); edits > 0; edits -= 1) edit(random, tree, put);
    commits.push(new Map(tree));
  }
  return commits;
}

function edit(random: Random, tree: Map<string, GitObject>, put: (object: GitObject) => void): void {
  const keys = [...tree.keys()].filter((key) => !key.startsWith('Namespace/'));
  const what = random.below(8);
  if (what < 2) {
    if (keys.length > 0) tree.delete(random.pick(keys));
  } else if (what === 2) put(pool(random));
  else if (what === 3) put(random.one(2) ? policy(random) : reservation(random));
  else if (what === 4) put(namespace(random, random.pick(NAMESPACES)));
  else put(service(random));
}

function namespace(random: Random, name: string): GitObject {
  const labels = {
    ...(random.one(3) && { env: random.pick(['prod', 'test']) }),
    ...(random.one(4) && { 'berth.dev/pool': random.pick([...POOLS, 'absent']) }),
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function configured(
  apiVersion: string,
  kind: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
  annotations = {},
): GitObject {
  return { apiVersion, kind, metadata: { name, namespace: SYSTEM, annotations }, spec };
}

function pool(random: Random): GitObject {
  const index = random.below(POOLS.length);
  const name = POOLS[index]!;
  const four = random.pick([
    `10.9.${index}.0/30`,
    `10.9.${index}.0/29`,
    `10.9.${index}.2-10.9.${index}.4`,
    `10.9.${index}.7/32`,
    '10.9.0.0/28',
  ]);
  const six = random.one(3) ? [`fd09:${index}::/126`] : [];
  const allocation = random.pick([
    undefined,
    undefined,
    undefined,
    { namespaces: ['team-a'], priority: 20 },
    { namespaceSelectors: [{ matchLabels: { env: 'prod' } }] },
    { serviceSelectors: [{ matchLabels: { tier: 'x' } }], priority: 10 },
  ]);
  const spec = {
    addresses: [four, ...six],
    ...(random.one(4) && { autoAssign: false }),
    ...(random.one(6) && { avoidBuggyIPs: true }),
    ...(allocation && { serviceAllocation: allocation }),
  };
  const annotations = random.one(6) ? { 'berth.dev/allow-disruption': 'true' } : {};
  return configured('metallb.io/v1beta1', 'IPAddressPool', name, spec, annotations);
}

function policy(random: Random): GitObject {
  const match = random.pick([
    undefined,
    { namespaces: ['team-a'] },
    { namespaces: ['team-b', 'team-c'] },
    { namespaceSelector: { matchLabels: { env: 'prod' } } },
    { serviceSelector: { matchLabels: { tier: 'x' } } },
    { categories: ['database'] },
  ]);
  const spec = {
    priority: random.below(5),
    ...(match && { match }),
    ...(random.one(2) && { pools: random.shuffled(POOLS).slice(0, 1 + random.below(2)) }),
    ...(random.one(3) && {
      quota: random.pick([
        { services: 1 },
        { addresses: 2 },
        { services: 2, perPool: { p0: 1 } },
        { addressesIPv4: 1 },
      ]),
    }),
    ...(random.one(3) && { strategy: random.pick(['Lowest', 'Stable']) }),
    ...(random.one(3) && { onExhausted: random.pick(['Reject', 'Pend']) }),
    ...(random.one(4) && { sharing: { namespaces: ['team-a', 'team-b'] } }),
    ...(random.one(5) && { releaseDelay: '1h' }),
  };
  return configured('berth.dev/v1alpha1', 'AddressPolicy', random.pick(['first', 'second']), spec);
}

function reservation(random: Random): GitObject {
  const index = random.below(POOLS.length);
  const spec = {
    addresses: [random.pick([`10.9.${index}.1/32`, `10.9.${index}.2/31`, '10.8.0.1/32'])],
    namespace: random.pick(NAMESPACES),
    ...(random.one(2) && { service: random.pick(['web', 'db']) }),
  };
  return configured('berth.dev/v1alpha1', 'AddressReservation', random.pick(['kept', 'also-kept']), spec);
}

function service(random: Random): GitObject {
  const index = random.below(POOLS.length);
  const annotations = {
    ...(random.one(4) && { 'metallb.io/address-pool': random.pick([...POOLS, 'absent']) }),
    ...(random.one(5) && {
      'metallb.io/loadBalancerIPs': random.pick([
        `10.9.${index}.1`,
        `10.9.${index}.2`,
        `10.9.${index}.3, fd09:${index}::1`,
        'fd09:0::2',
        'nonsense',
      ]),
    }),
    ...(random.one(3) && { 'metallb.io/allow-shared-ip': random.pick(['k1', 'k1', 'k2']) }),
    ...(random.one(5) && { 'berth.dev/category': 'database' }),
  };
  const ip = random.one(5)
    ? { loadBalancerIP: random.pick([`10.9.${index}.0`, `10.9.${index}.2`, `10.9.${index}.3`, '10.7.0.1']) }
    : {};
  const name = random.pick(['web', 'db', 'dns', 'six']);
  // The apiserver lets nobody change a Service's primary family.
  const families =
    name === 'six'
      ? { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' }
      : random.pick([{}, {}, {}, { ipFamilyPolicy: 'PreferDualStack' }, { ipFamilyPolicy: 'RequireDualStack' }]);
  const spec = {
    type: random.one(10) ? 'ClusterIP' : 'LoadBalancer',
    ports: [{ port: random.pick([80, 80, 443]), protocol: random.pick(['TCP', 'TCP', 'UDP']) }],
    selector: { app: random.pick(['web', 'db']) },
    ...families,
  };
  const balancer =
    spec.type === 'LoadBalancer'
      ? { ...ip, allocateLoadBalancerNodePorts: false, ...(random.one(8) && { externalTrafficPolicy: 'Local' }) }
      : {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: random.pick(NAMESPACES),
      ...(random.one(4) && { labels: { tier: 'x' } }),
      annotations,
    },
    spec: { ...spec, ...balancer },
  };
}
