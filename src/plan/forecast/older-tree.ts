/** What a cluster would have, had an older tree been applied to an empty one: the state that a change is held against where nobody gives a better one. */
import type { Service } from '../../core/api/kubernetes.ts';
import { ALLOCATED_FROM_POOL, ASSIGNED_POOL } from '../../core/api/names.ts';
import { buildConfiguration } from '../../core/config/build.ts';
import { Ledger } from '../../core/ipam/ledger.ts';
import { formatAddress } from '../../core/net/address.ts';
import type { World } from '../../core/policy/world.ts';
import type { Millis } from '../../core/time.ts';
import { type ClusterState, configurationOf, emptyState } from '../cluster-state.ts';
import type { Managed } from '../managed.ts';
import type { Manifest } from '../manifest.ts';
import { foreseeAll } from './order.ts';
import { type Mover, Simulation } from './simulation.ts';
import { unresolvedIn } from './unresolved.ts';
import { type Reading, wantedOf } from './wanted.ts';

export interface OlderTree {
  readonly state: ClusterState;
  readonly managed: Managed;
}

export function olderTree(
  manifests: readonly Manifest[],
  reading: Reading,
  families: ClusterState['families'],
  now: Millis,
): OlderTree {
  const wanted = wantedOf(manifests, reading);
  const objects = wanted.configuration
    .map(({ object }) => object)
    .filter((object) => unresolvedIn(object) === undefined);
  const raw = configurationOf(objects);
  const configuration = buildConfiguration(raw);
  const namespaces = new Map([...wanted.namespaces].map(([name, { object }]) => [name, object] as const));
  const ledger = new Ledger();
  ledger.configure(configuration, now);
  const world: World = { configuration, ledger, namespaceLabels: (name) => namespaces.get(name), now };
  const simulation = new Simulation(world, families);
  const movers = [...wanted.services].map(
    ([key, { object }]): Mover => ({ key, service: object, live: undefined, applied: true }),
  );
  const forecasts = foreseeAll(movers, simulation, families);
  const assumed = new Set<string>();
  const contested = new Set<string>();
  const services = new Map<string, Service>();
  for (const { key, service } of movers) {
    const forecast = forecasts.get(key);
    if (forecast !== undefined && forecast.certain !== 'all') assumed.add(key);
    if (forecast?.certain === 'nothing' && !forecast.served) contested.add(key);
    // Refused there: the cluster doesn't have it.
    if (forecast === undefined || forecast.outcome.kind === 'refused') continue;
    services.set(
      key,
      forecast.outcome.kind === 'assigned'
        ? holding(service, forecast.outcome.pool, forecast.outcome.addresses.map(formatAddress))
        : service,
    );
  }
  return {
    state: { ...emptyState(families), namespaces, configuration: raw, services, assumed, contested },
    managed: new Set([
      ...[...wanted.allServices].map((key) => `Service/${key}`),
      ...wanted.configuration.map(({ kind, manifest }) => `${kind}/${manifest.name}`),
    ]),
  };
}

function holding(service: Service, pool: string, addresses: readonly string[]): Service {
  const { metadata } = service;
  return {
    ...service,
    metadata: {
      ...metadata,
      uid: `older:${metadata.namespace}/${metadata.name}`,
      creationTimestamp: '1970-01-01T00:00:00Z',
      annotations: { ...metadata.annotations, [ASSIGNED_POOL]: pool, [ALLOCATED_FROM_POOL]: pool },
    },
    status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
  };
}
