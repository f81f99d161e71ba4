/** Worlds and Services for tests of decisions, written as their authors would write them. */
import type { KubeObject, Labels, Service } from '../../src/core/api/kubernetes.ts';
import { buildConfiguration } from '../../src/core/config/build.ts';
import { EMPTY_RAW_CONFIGURATION } from '../../src/core/config/raw-configuration.ts';
import { parseService } from '../../src/core/config/service.ts';
import type { ServiceRequest } from '../../src/core/config/service-request.ts';
import { type Claim, Ledger } from '../../src/core/ipam/ledger.ts';
import { type Address, formatAddress } from '../../src/core/net/address.ts';
import type { Decision } from '../../src/core/policy/decision.ts';
import type { World } from '../../src/core/policy/world.ts';

/** 2026-07-19T11:42:17Z. */
export const NOW = 1_784_461_337_000;

type Spec = Readonly<Record<string, unknown>>;

export interface WorldSpec {
  /** By name: one range, several, or a whole spec (`deleting` and `onConflict` aside). */
  readonly pools?: Readonly<Record<string, string | readonly string[] | Spec>>;
  /** Specs of AddressPolicies by name. */
  readonly policies?: Readonly<Record<string, Spec>>;
  /** Specs of AddressReservations by name. */
  readonly reservations?: Readonly<Record<string, Spec>>;
  /** Labels by namespace; others aren't known. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
  /** Services that hold their `status` addresses already. */
  readonly services?: readonly ServiceSpec[];
  readonly now?: number;
}

export interface ServiceSpec {
  /** `namespace/name`. */
  readonly key: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** `spec.loadBalancerIP`. */
  readonly ip?: string;
  /** `TCP/80` when absent. */
  readonly ports?: readonly string[];
  readonly trafficPolicy?: 'Cluster' | 'Local';
  readonly selector?: Labels;
  /** `['IPv4']` when absent. */
  readonly families?: readonly string[];
  /** SingleStack for one family and RequireDualStack for two when absent. */
  readonly familyPolicy?: string;
  /** `status.loadBalancer.ingress[].ip`. */
  readonly status?: readonly string[];
  readonly createdAt?: string;
  readonly uid?: string;
}

/** The world at `NOW`, configured and with its Services' statuses in the ledger. */
export function worldOf(spec: WorldSpec): World {
  const configuration = buildConfiguration({
    ...EMPTY_RAW_CONFIGURATION,
    ipAddressPools: Object.entries(spec.pools ?? {}).map(([name, pool]) => poolObject(name, pool)),
    addressPolicies: objects('AddressPolicy', spec.policies),
    addressReservations: objects('AddressReservation', spec.reservations),
  });
  const ledger = new Ledger();
  const now = spec.now ?? NOW;
  ledger.configure(configuration, now);
  const namespaces = spec.namespaces ?? {};
  const world: World = {
    configuration,
    ledger,
    namespaceLabels: (name) => (Object.hasOwn(namespaces, name) ? namespaces[name] : undefined),
    now,
  };
  for (const each of spec.services ?? []) hold(world, service(each));
  return world;
}

/** The same facts under another configuration, as after an edit. */
export function reconfigured(world: World, spec: WorldSpec): World {
  const next = worldOf({ now: world.now, ...spec });
  for (const claim of world.ledger.claims()) next.ledger.claim(claim);
  return next;
}

function poolObject(name: string, pool: string | readonly string[] | Spec): KubeObject {
  const given: Spec =
    typeof pool === 'string' ? { addresses: [pool] } : Array.isArray(pool) ? { addresses: pool } : (pool as Spec);
  const { deleting, onConflict, ...spec } = given;
  return object('IPAddressPool', name, spec, {
    ...(deleting === true && { deletionTimestamp: '2026-07-19T11:40:00Z' }),
    ...(onConflict !== undefined && { annotations: { 'berth.dev/on-conflict': onConflict } }),
  });
}

function objects(kind: string, specs: Readonly<Record<string, Spec>> = {}): readonly KubeObject[] {
  return Object.entries(specs).map(([name, spec]) => object(kind, name, spec));
}

function object(kind: string, name: string, spec: Spec, metadata: Spec = {}): KubeObject {
  const own = { name, namespace: 'metallb-system', creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 };
  return { kind, metadata: { ...own, ...metadata }, spec } as KubeObject;
}

/** The Service as the apiserver would complete it, read by Berth. */
export function service(spec: ServiceSpec): ServiceRequest {
  return parseService(serviceObject(spec));
}

export function serviceObject(spec: ServiceSpec): Service {
  const [namespace = '', name = ''] = spec.key.split('/');
  const families = spec.families ?? ['IPv4'];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace,
      name,
      uid: spec.uid ?? `uid-of-${spec.key}`,
      creationTimestamp: spec.createdAt ?? '2026-07-01T00:00:00Z',
      labels: spec.labels ?? {},
      annotations: spec.annotations ?? {},
    },
    spec: {
      type: 'LoadBalancer',
      clusterIPs: families.map((family) => (family === 'IPv4' ? '172.20.0.10' : 'fd00:20::10')),
      ipFamilies: families,
      ipFamilyPolicy: spec.familyPolicy ?? (families.length > 1 ? 'RequireDualStack' : 'SingleStack'),
      ports: (spec.ports ?? ['TCP/80']).map(portOf),
      selector: spec.selector ?? { app: name },
      externalTrafficPolicy: spec.trafficPolicy ?? 'Cluster',
      ...(spec.ip === undefined ? {} : { loadBalancerIP: spec.ip }),
    },
    status: { loadBalancer: { ingress: (spec.status ?? []).map((ip) => ({ ip })) } },
  };
}

function portOf(text: string): { readonly name: string; readonly protocol: string; readonly port: number } {
  const [protocol = '', port = ''] = text.split('/');
  return { name: text.toLowerCase().replace('/', '-'), protocol, port: Number(port) };
}

/** Records what a Service holds, as the reconciler does once a decision is carried out. */
export function hold(world: World, request: ServiceRequest, addresses: readonly Address[] = request.held): void {
  const { key, namespace, name, uid, createdAt, sharingKey, ports, trafficPolicy, backends } = request;
  const pool = addresses[0] && world.ledger.poolOf(addresses[0])?.name;
  const claim: Claim = {
    key,
    namespace,
    name,
    uid,
    createdAt,
    sharingKey,
    ports,
    trafficPolicy,
    backends,
    addresses,
    pool,
  };
  world.ledger.claim(claim);
}

/** A decision in the few words that a table compares: `edge 10.0.0.1`, `OutOfIPs`, `waits NoPool`. */
export function outcome(decision: Decision): string {
  switch (decision.kind) {
    case 'assigned': {
      const given = [decision.pool, ...decision.addresses.map(formatAddress)].join(' ');
      const unmet = decision.unmet === undefined ? '' : `, but ${outcome(decision.unmet)}`;
      return given + unmet;
    }
    case 'waiting':
      return `waits ${decision.reason}`;
    case 'refused':
      return decision.reason;
  }
}
