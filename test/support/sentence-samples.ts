/** One or more samples of every sentence that Berth says, for the golden files. */
import type { Standing } from '../../src/core/announce/candidate.ts';
import type { Problem } from '../../src/core/config/problem.ts';
import type { FamilyCounts } from '../../src/core/ipam/ledger.ts';
import type { Clash } from '../../src/core/ipam/sharing.ts';
import { conflictsIn } from '../../src/core/policy/conflicts.ts';
import { decide } from '../../src/core/policy/decide.ts';
import type { Decision } from '../../src/core/policy/decision.ts';
import { effectOfChange } from '../../src/core/policy/disruption.ts';
import { exchange } from '../../src/core/policy/exchange.ts';
import { explain } from '../../src/core/policy/explain.ts';
import type { Failure, NamedBy, PassedOver, QuotaReached } from '../../src/core/policy/failure.ts';
import type { Stay } from '../../src/core/policy/move.ts';
import { configurationRefusal, disruptionRefusal, serviceRefusal } from '../../src/core/status/admission-message.ts';
import { type AnnouncedAddress, announcedContent } from '../../src/core/status/announced.ts';
import { allocatedCondition } from '../../src/core/status/conditions.ts';
import { overlayWarning } from '../../src/core/status/disruption.ts';
import { conflictEvent, decisionEvent, releasedEvent } from '../../src/core/status/events.ts';
import { failureReason } from '../../src/core/status/failure-reason.ts';
import { hostnameWarnings } from '../../src/core/status/hostname.ts';
import { faultyPoolStatus, poolStatus } from '../../src/core/status/pool-status.ts';
import { refusalSentence } from '../../src/core/status/refusal.ts';
import { nearlyFull, problemWarnings, softClash } from '../../src/core/status/warnings.ts';
import { address, range } from './ledger.ts';
import { NOW, reconfigured, type ServiceSpec, service, type WorldSpec, worldOf } from './world.ts';

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

const POOL_PATH = 'metadata.annotations[metallb.io/address-pool]';
const IPS_PATH = 'metadata.annotations[metallb.io/loadBalancerIPs]';
const FIELD = 'spec.loadBalancerIP';
const byAnnotation: NamedBy = { kind: 'annotation', path: POOL_PATH };

const counts: FamilyCounts = { total: 16n, assigned: 12n, reserved: 3n, held: 1n, avoided: 0n, available: 0n };
const full: PassedOver = { why: 'full', family: 'IPv4', counts, namespace: 'team-a', own: 4 };

const quota = (more: Partial<QuotaReached> = {}): PassedOver => ({
  why: 'quota',
  quota: {
    policy: 'tenants',
    namespace: 'team-a',
    counted: 'addresses',
    pool: undefined,
    used: 4,
    limit: 4,
    wanted: 1,
    ...more,
  },
});

/** A missing kind doesn't compile. */
const passedOver: Readonly<Record<PassedOver['why'], PassedOver>> = {
  absent: { why: 'absent' },
  deleting: { why: 'deleting' },
  faulty: { why: 'faulty' },
  pinned: { why: 'pinned', pinned: { by: 'labels', wanted: 'team=metallb' } },
  'by-name-only': { why: 'by-name-only' },
  'lacks-family': { why: 'lacks-family', family: 'IPv6' },
  full,
  quota: quota(),
};

const problem: Problem = {
  severity: 'error',
  path: IPS_PATH,
  value: '10.0.0',
  message: 'is no IP address: an IPv4 address has four parts',
  remedy: 'write an address such as 192.0.2.10',
};

type Incompatible = Failure & { readonly kind: 'address-incompatible' };

const incompatible = (why: Incompatible['why'], more: Partial<Incompatible> = {}): Incompatible => ({
  kind: 'address-incompatible',
  address: address('10.0.0.5'),
  pool: 'edge',
  holder: 'team-a/dns',
  why,
  key: 'web',
  holderKey: 'net',
  port: undefined,
  alternatives: [],
  advice: undefined,
  holds: false,
  field: FIELD,
  ...more,
});

const noneServes = (
  tried: (Failure & { readonly kind: 'none-serves' })['tried'],
  alternatives: readonly string[] = [],
): Failure => ({
  kind: 'none-serves',
  tried,
  namedBy: byAnnotation,
  alternatives,
});

/** A missing kind doesn't compile. */
const failures: Readonly<Record<Failure['kind'], readonly Failure[]>> = {
  'invalid-request': [
    { kind: 'invalid-request', problems: [problem] },
    { kind: 'invalid-request', problems: [problem, problem, problem] },
  ],
  'one-family-only': [{ kind: 'one-family-only', family: 'IPv4' }],
  'address-family': [{ kind: 'address-family', address: address('fd00::5'), families: ['IPv4'], field: FIELD }],
  'address-missing': [{ kind: 'address-missing', given: address('10.0.0.5'), missing: 'IPv6', field: FIELD }],
  'address-outside': [
    {
      kind: 'address-outside',
      address: address('10.0.1.5'),
      nearest: { pool: 'edge', range: range('10.0.0.0/28') },
      pools: ['edge', 'internal', 'lab', 'public', 'spare', 'test'],
      field: FIELD,
    },
    {
      kind: 'address-outside',
      address: address('10.0.1.5'),
      nearest: { pool: 'edge', range: range('10.0.0.10-10.0.0.19') },
      pools: ['edge'],
      field: IPS_PATH,
    },
    { kind: 'address-outside', address: address('fd00::5'), nearest: undefined, pools: ['edge', 'lab'], field: FIELD },
  ],
  'address-avoided': [{ kind: 'address-avoided', address: address('10.0.0.255'), pool: 'edge', field: FIELD }],
  'addresses-apart': [
    {
      kind: 'addresses-apart',
      addresses: [
        { address: address('10.0.0.5'), pool: 'edge' },
        { address: address('fd00::5'), pool: 'six' },
      ],
      field: IPS_PATH,
    },
  ],
  'pool-contradicts-address': [undefined, 'absent' as const].map((missing) => ({
    kind: 'pool-contradicts-address',
    address: address('10.0.0.5'),
    addressFrom: FIELD,
    pool: 'edge',
    named: 'internal',
    namedFrom: POOL_PATH,
    missing,
  })),
  'address-reserved': [
    ...[
      { holdDown: false, contested: undefined },
      { holdDown: true, contested: undefined },
      { holdDown: true, contested: { by: '02:00:00:00:00:ee', reservation: 'contested.10.0.0.5' } },
    ].map(
      (more): Failure => ({
        kind: 'address-reserved',
        address: address('10.0.0.5'),
        pool: 'edge',
        holder: 'team-b/db',
        field: FIELD,
        ...more,
      }),
    ),
  ],
  'address-taken': [true, false].map((sameNamespace) => ({
    kind: 'address-taken',
    address: address('10.0.0.5'),
    pool: 'edge',
    holder: sameNamespace ? 'team-a/db' : 'team-b/db',
    sameNamespace,
    field: FIELD,
  })),
  'address-incompatible': [
    incompatible('port', {
      port: { protocol: 'TCP', port: 53 },
      alternatives: [address('10.0.0.6'), address('10.0.0.9')],
    }),
    incompatible('port', { port: { protocol: 'SCTP', port: 132 } }),
    incompatible('key'),
    incompatible('key', { holderKey: undefined, holder: 'team-b/dns' }),
    incompatible('holder-unkeyed'),
    incompatible('namespace', {
      holder: 'team-b/dns',
      advice: { kind: 'extend', policy: 'shared', namespaces: ['team-a'] },
    }),
    incompatible('namespace', { holder: 'team-b/dns', advice: { kind: 'write', namespaces: ['team-a', 'team-b'] } }),
    incompatible('traffic-policy'),
    incompatible('backends'),
    incompatible('unkeyed', { holds: true }),
    incompatible('key', { holds: true }),
    incompatible('port', { holds: true, port: { protocol: 'UDP', port: 53 } }),
    incompatible('traffic-policy', { holds: true }),
    incompatible('backends', { holds: true }),
  ],
  'pool-absent': [
    { kind: 'pool-absent', pool: 'edge', state: 'absent', namedBy: byAnnotation, alternatives: ['internal', 'lab'] },
    { kind: 'pool-absent', pool: 'edge', state: 'deleting', namedBy: byAnnotation, alternatives: [] },
    { kind: 'pool-absent', pool: 'edge', state: 'faulty', namedBy: byAnnotation, alternatives: [] },
    {
      kind: 'pool-absent',
      pool: 'edge',
      state: 'absent',
      namedBy: { kind: 'namespace-label', namespace: 'team-a' },
      alternatives: [],
    },
    {
      kind: 'pool-absent',
      pool: 'edge',
      state: 'absent',
      namedBy: { kind: 'policy', policy: 'tenants' },
      alternatives: [],
    },
  ],
  'pool-forbidden': [
    {
      kind: 'pool-forbidden',
      pool: 'edge',
      namespace: 'team-a',
      pinned: { by: 'namespace', wanted: '' },
      namedBy: byAnnotation,
      alternatives: ['internal'],
    },
    {
      kind: 'pool-forbidden',
      pool: 'edge',
      namespace: 'team-a',
      pinned: { by: 'labels', wanted: 'team=metallb or tier in (a,b)' },
      namedBy: byAnnotation,
      alternatives: [],
    },
    {
      kind: 'pool-forbidden',
      pool: 'edge',
      namespace: 'team-a',
      pinned: { by: 'namespace', wanted: '' },
      namedBy: { kind: 'namespace-label', namespace: 'team-a' },
      alternatives: [],
    },
    {
      kind: 'pool-forbidden',
      pool: 'edge',
      namespace: 'team-a',
      pinned: { by: 'namespace', wanted: '' },
      namedBy: { kind: 'address', path: FIELD, address: address('10.0.0.5') },
      alternatives: [],
    },
  ],
  'no-pools': [{ kind: 'no-pools' }],
  'none-open': [
    { kind: 'none-open', namespace: 'team-a', tried: [], alternatives: ['internal'] },
    { kind: 'none-open', namespace: 'team-a', tried: [], alternatives: [] },
  ],
  'none-serves': [
    noneServes([{ pool: 'edge', passed: full }], ['internal']),
    noneServes([{ pool: 'edge', passed: full }]),
    noneServes([
      { pool: 'edge', passed: full },
      { pool: 'lab', passed: passedOver['lacks-family'] },
    ]),
    noneServes(
      ['a', 'b', 'c', 'd', 'e'].map((pool) => ({ pool, passed: full })),
      ['x', 'y', 'z'],
    ),
    noneServes([{ pool: 'edge', passed: passedOver['lacks-family'] }], ['six']),
    noneServes([{ pool: 'edge', passed: passedOver['lacks-family'] }]),
    noneServes([{ pool: 'edge', passed: quota() }]),
    noneServes([{ pool: 'edge', passed: quota({ counted: 'Services' }) }]),
    noneServes([{ pool: 'edge', passed: quota({ counted: 'IPv6 addresses' }) }]),
    noneServes([{ pool: 'edge', passed: quota({ used: 3, wanted: 2 }) }]),
    noneServes([{ pool: 'edge', passed: quota({ pool: 'edge' }) }], ['internal']),
    noneServes([
      { pool: 'edge', passed: quota({ pool: 'edge' }) },
      { pool: 'lab', passed: full },
    ]),
    noneServes([
      { pool: 'edge', passed: passedOver.pinned },
      { pool: 'lab', passed: { why: 'pinned', pinned: { by: 'namespace', wanted: '' } } },
    ]),
  ],
};

export function refusals(): readonly Section[] {
  return Object.entries(failures).map(([title, each]) => ({
    title,
    lines: each.map((failure) => `${failureReason(failure)}: ${refusalSentence(failure)}`),
  }));
}

const world: WorldSpec = {
  pools: {
    edge: '10.0.0.0/30',
    internal: { addresses: ['10.1.0.0/24', 'fd00::/64'], autoAssign: false },
    pinned: { addresses: ['10.2.0.0/28'], serviceAllocation: { namespaces: ['team-b'] } },
  },
  policies: {
    tenants: { match: { namespaces: ['team-q'] }, quota: { services: 1 } },
    patient: { match: { namespaces: ['team-p'] }, onExhausted: 'Pend' },
  },
  namespaces: { 'team-a': {}, 'team-p': {}, 'team-q': {}, 'team-l': { 'berth.dev/pool': 'ghost' } },
  services: [
    { key: 'team-a/web', status: ['10.0.0.0'] },
    { key: 'team-b/db', status: ['10.0.0.1'] },
    { key: 'team-b/api', status: ['10.0.0.2'] },
    { key: 'team-b/mail', status: ['10.0.0.3'] },
    { key: 'team-q/one', status: ['10.1.0.1'] },
  ],
};

const named = (key: string, pool: string): ServiceSpec => ({ key, annotations: { 'metallb.io/address-pool': pool } });

/** Decisions of every sort, by what they show. */
const decisions: Readonly<Record<string, ServiceSpec>> = {
  'full, others take it': { key: 'team-a/new' },
  'named pool is full': named('team-a/new', 'edge'),
  'named pool is pinned to others': named('team-a/new', 'pinned'),
  'named pool is absent': named('team-a/new', 'ghost'),
  'label names an absent pool': { key: 'team-l/new' },
  'full, and the policy says Pend': { key: 'team-p/new' },
  'quota is reached': named('team-q/new', 'internal'),
  'address is taken': { key: 'team-a/new', ip: '10.0.0.1' },
  'address lies outside': { key: 'team-a/new', ip: '10.0.9.1' },
  'two faults in one Service': {
    key: 'team-a/new',
    annotations: { 'metallb.io/loadBalancerIPs': 'x,y' },
  },
  'served by name, both families': { ...named('team-a/new', 'internal'), families: ['IPv4', 'IPv6'] },
  'keeps what it holds': { key: 'team-a/web', status: ['10.0.0.0'] },
  'keeps what it holds, asks for a pinned pool': { ...named('team-a/web', 'pinned'), status: ['10.0.0.0'] },
  'keeps what it holds, waits for a pool': { ...named('team-a/web', 'ghost'), status: ['10.0.0.0'] },
  'moves to the pool it asks for': { ...named('team-a/web', 'internal'), status: ['10.0.0.0'] },
  'gives up an address outside every pool': { ...named('team-a/new', 'internal'), status: ['10.9.9.9'] },
  'gives up an address, and none is free': { key: 'team-a/new', status: ['10.9.9.9'] },
  'loses a family': { key: 'team-a/new', status: ['10.1.0.9', 'fd00::9'] },
  'grows a family': { key: 'team-a/new', status: ['10.1.0.9'], families: ['IPv4', 'IPv6'] },
  'yields to an elder': { ...named('team-a/new', 'internal'), status: ['10.1.0.1'], createdAt: '2026-07-18T00:00:00Z' },
};

function each(render: (decision: Decision) => readonly string[]): readonly Section[] {
  const at = worldOf(world);
  const both = service({ key: 'team-a/new', status: ['10.1.0.9', 'fd00::9'], families: ['IPv4', 'IPv6'] });
  const contested = both.held.map((each) => ({ address: each, by: '02:00:00:00:00:ee' }));
  const moves = [
    { title: "one of two addresses is another host's", decision: exchange(both, at, contested.slice(0, 1)) },
    { title: "both addresses are another host's", decision: exchange(both, at, contested) },
  ];
  return [
    ...Object.entries(decisions).map(([title, spec]) => ({ title, decision: decide(service(spec), at) })),
    ...moves,
  ]
    .map(({ title, decision }) => ({ title, lines: decision === undefined ? [] : render(decision) }))
    .filter(({ lines }) => lines.length > 0);
}

export function admissionMessages(): readonly Section[] {
  return each((decision) => (decision.kind === 'refused' ? [serviceRefusal(decision).message] : []));
}

export function conditions(): readonly Section[] {
  return each((decision) => {
    const { status, reason, message } = allocatedCondition(decision, undefined, NOW);
    return [`${status} ${reason}: ${message}`];
  });
}

export function events(): readonly Section[] {
  const told = each((decision) => {
    const event = decisionEvent(decision, undefined, allocatedCondition(decision, undefined, NOW));
    return event === undefined ? [] : [`${event.type} ${event.reason}: ${event.message}`];
  });
  const twice = worldOf({
    pools: { edge: '10.0.0.0/30' },
    services: [
      { key: 'team-a/web', status: ['10.0.0.1'] },
      { key: 'team-b/db', status: ['10.0.0.1'], createdAt: '2026-07-18T00:00:00Z' },
    ],
  });
  const others = [...conflictsIn(twice).map(conflictEvent), releasedEvent([address('10.0.0.1')], 'edge')];
  const lines = others.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  return [...told, { title: 'beside decisions', lines }];
}

export function explanations(): readonly Section[] {
  return each(explain);
}

const clashes: Readonly<Record<Clash['why'], true>> = {
  exclusive: true,
  namespace: true,
  key: true,
  port: true,
  'traffic-policy': true,
  backends: true,
};

export function warnings(): readonly Section[] {
  const odd = service({
    key: 'team-a/web',
    annotations: {
      'metallb.universe.tf/address-pool': 'edge',
      'metallb.io/allow-shared-ip': 'a,b',
      'metallb.io/loadBalancerIPs': '',
      'berth.dev/category': 'ingress',
    },
    labels: { 'berth.dev/category': 'gaming' },
  });
  const long = service({ key: `team-a/${'w'.repeat(63)}` });
  return [
    { title: 'of the Service itself', lines: problemWarnings(odd) },
    { title: 'a pool that is nearly full', lines: [nearlyFull('edge', 'IPv4', 15n, 16n)] },
    {
      title: 'a quota that is nearly used up',
      lines: decide(
        service(named('team-q/two', 'internal')),
        worldOf({ ...world, policies: { tenants: { quota: { addresses: 2 } } } }),
      ).warnings,
    },
    {
      title: 'a name that DNS does not carry',
      lines: hostnameWarnings('{name}-{namespace}.example.com', long, 'edge'),
    },
    {
      title: 'sharers that came apart',
      lines: Object.keys(clashes).map((why) => softClash(address('10.0.0.5'), 'team-b/dns', why as Clash['why'])),
    },
    {
      title: 'a reservation over what others hold',
      lines: [overlayWarning({ reservation: 'db', address: address('10.0.0.5'), holder: 'team-b/web' })],
    },
  ];
}

export function configurationRefusals(): readonly Section[] {
  const before = worldOf(world);
  const shrunk = reconfigured(before, { ...world, pools: { ...world.pools, edge: '10.0.0.0/31' } }).configuration;
  const gone = reconfigured(before, { pools: { internal: world.pools?.internal ?? [] } }).configuration;
  const faulty = worldOf({ pools: { edge: ['10.0.0.0/33', '0.0.0.0/0', '10.0.0.1'] } }).configuration;
  const problems = faulty.problems.get('IPAddressPool/edge') ?? [];
  const losses = (after: typeof gone) => effectOfChange(before.configuration, after, before.ledger, NOW).losses;
  return [
    { title: 'one fault', lines: [configurationRefusal('IPAddressPool', 'edge', problems.slice(0, 1)).message] },
    { title: 'several faults', lines: [configurationRefusal('IPAddressPool', 'edge', problems).message] },
    {
      title: 'a pool that shrinks',
      lines: [disruptionRefusal('IPAddressPool', 'edge', 'change', losses(shrunk)).message],
    },
    { title: 'a pool that goes', lines: [disruptionRefusal('IPAddressPool', 'edge', 'delete', losses(gone)).message] },
    {
      title: 'a pool with one Service',
      lines: [disruptionRefusal('IPAddressPool', 'edge', 'delete', losses(gone).slice(0, 1)).message],
    },
  ];
}

export function poolConditions(): readonly Section[] {
  const show = (title: string, spec: WorldSpec): Section => {
    const at = worldOf(spec);
    const pool = [...at.configuration.pools.values()][0];
    const faults = [...at.configuration.problems.values()].flat();
    const status =
      pool === undefined
        ? faultyPoolStatus(faults, 3, undefined, NOW)
        : poolStatus(pool, at.ledger, conflictsIn(at), undefined, NOW);
    const { conditions: all, ...numbers } = status;
    return {
      title,
      lines: [
        JSON.stringify(numbers),
        ...all.map(({ type, status: is, reason, message }) => `${type}=${is} ${reason}: ${message}`),
      ],
    };
  };
  const held = (count: number): readonly ServiceSpec[] =>
    Array.from({ length: count }, (_, n) => ({ key: `team-a/s${n}`, status: [`10.0.0.${n}`] }));
  return [
    show('with room', { pools: { edge: ['10.0.0.0/28', 'fd00::/64'] }, services: held(3) }),
    show('nearly full', { pools: { edge: '10.0.0.0/28' }, services: held(15) }),
    show('exhausted', { pools: { edge: '10.0.0.0/28' }, services: held(16) }),
    show('two Services on one address', {
      pools: { edge: '10.0.0.0/28' },
      services: [...held(1), { key: 'team-b/db', status: ['10.0.0.0'], createdAt: '2026-07-18T00:00:00Z' }],
    }),
    show('being deleted', { pools: { edge: { addresses: ['10.0.0.0/28'], deleting: true } } }),
    show('faulty', { pools: { edge: ['10.0.0.0/33'] } }),
  ];
}

export function announced(): readonly Section[] {
  const announcer = { node: 'node-1', interfaces: ['eth0'], since: '2026-07-19T11:42:17Z' };
  const one: AnnouncedAddress = {
    address: '192.0.2.10',
    pool: 'edge',
    announcer,
    contestants: [],
    verdict: undefined,
    omission: undefined,
    candidates: [{ node: 'node-1' }, { node: 'node-2' }],
    standings: new Map(),
  };
  const six = { ...one, address: '2001:db8::10' };
  const elsewhere = { ...announcer, node: 'node-2', interfaces: ['eth0', 'vlan7'] };
  const contestants = [{ mac: '02:00:00:00:00:ee', interface: 'eth0', seenBy: 'node-1', unannounced: false }];
  const nobody = { ...one, announcer: undefined };
  const stays: Readonly<Record<Stay, true>> = {
    Announced: true,
    Requested: true,
    Reserved: true,
    Shared: true,
    TooMany: true,
    NoOther: true,
  };
  const none = (standings: readonly (readonly [string, Standing])[]) => [
    { ...nobody, candidates: [], standings: new Map(standings) },
  ];
  const rows: readonly (readonly [string, readonly AnnouncedAddress[]])[] = [
    ['both addresses on one node', [one, six]],
    ['each on a node of its own', [one, { ...six, announcer: elsewhere }]],
    ['a stranger, defended', [{ ...one, contestants }]],
    ['a stranger, given way to', [{ ...nobody, contestants }, six]],
    ['a stranger, the Service moves', [{ ...nobody, contestants, verdict: { kind: 'move' } }]],
    ...(Object.keys(stays) as Stay[]).map((why): [string, readonly AnnouncedAddress[]] => [
      `a stranger, and the Service stays: ${why}`,
      [{ ...nobody, contestants, verdict: { kind: 'stay', why } }],
    ]),
    ['one of two silent', [one, { ...six, announcer: undefined }]],
    ['no advertisement', [{ ...nobody, omission: 'NotAdvertised', candidates: [] }]],
    ['no pool', [{ ...nobody, omission: 'NoPool', candidates: [] }]],
    ['no address', [{ ...nobody, address: 'x', omission: 'MalformedAddress', candidates: [] }]],
    ['candidates that keep silent', [nobody]],
    [
      'no local endpoint',
      none([
        ['node-1', 'NoLocalEndpoint'],
        ['node-2', 'NoLocalEndpoint'],
        ['node-3', 'Excluded'],
      ]),
    ],
    [
      'not selected',
      none([
        ['node-1', 'NotSelected'],
        ['node-2', 'NetworkUnavailable'],
      ]),
    ],
    ['all excluded', none([['node-1', 'Excluded']])],
    ['no network', none([['node-1', 'NetworkUnavailable']])],
    ['no node', none([])],
  ];
  return rows.map(([title, addresses]) => {
    const content = announcedContent(addresses);
    return { title, lines: [`${content?.status} ${content?.reason}: ${content?.message}`] };
  });
}
