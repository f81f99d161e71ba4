/** The plan: what the cluster will do with these manifests, given what it has. Pure; the same input gives the same report. */
import type { Labels, Service } from '../../core/api/kubernetes.ts';
import { NAMESPACE_NAME_LABEL } from '../../core/api/names.ts';
import { buildConfiguration } from '../../core/config/build.ts';
import { compareText } from '../../core/config/entry.ts';
import { ownField } from '../../core/config/fields.ts';
import { parseAddress } from '../../core/net/address.ts';
import { decide } from '../../core/policy/decide.ts';
import type { World } from '../../core/policy/world.ts';
import type { Millis } from '../../core/time.ts';
import { isOurs } from '../../kube/our-service.ts';
import type { ClusterState } from '../cluster-state.ts';
import { lintsOf } from '../lint/lints.ts';
import { isManaged, type Managed } from '../managed.ts';
import { compareLocations, type Manifest, type SourceProblem } from '../manifest.ts';
import { checkedWishes } from '../wishes/check.ts';
import type { Wish } from '../wishes/wish.ts';
import {
  applyConfiguration,
  type ConfigurationOutlook,
  type ConfigurationStep,
  removeConfiguration,
} from './configuration.ts';
import { common, type Forecast, foreseeAll } from './order.ts';
import { passageOf } from './passage.ts';
import type { PlanReport, ServiceOutlook } from './report.ts';
import { requestOf, wishText } from './request-of.ts';
import { goneOutlook, type OutlookContext, outlookOf } from './service-outlook.ts';
import { type Leaving, ledgerOf, type Mover, type Outcome, Simulation, stored } from './simulation.ts';
import { orderTraps } from './traps.ts';
import { unresolvedIn } from './unresolved.ts';
import { poolUse, quotaUse, usageBefore } from './usage.ts';
import { type Wanted, wantedOf } from './wanted.ts';

export interface PlanInput {
  readonly manifests: readonly Manifest[];
  /** Wishes for addresses that aren't plain Services. */
  readonly wishes: readonly Wish[];
  /** What was wrong while reading. */
  readonly problems: readonly SourceProblem[];
  readonly before: ClusterState;
  /** What is deleted, after all else was applied, where no manifest has it. */
  readonly managed: Managed;
  readonly loadBalancerClass?: string | undefined;
  /** Berth's own namespace; undefined: as the manifests have it. */
  readonly home?: string | undefined;
  readonly now: Millis;
  /** Whether git itself says that configuration is applied before this manifest; never, where it can't say. */
  readonly comesAfterConfiguration?: (manifest: Manifest) => boolean;
}

export function planOf(input: PlanInput): PlanReport {
  const { before, now } = input;
  const wanted = wantedOf(input.manifests, { loadBalancerClass: input.loadBalancerClass, home: input.home });
  const hidden = hiddenPools(wanted);
  const seen: Wanted = {
    ...wanted,
    configuration: wanted.configuration.flatMap((each) =>
      hidden.has(each.object.metadata.name) && each.kind === 'IPAddressPool' ? knownPart(each) : [each],
    ),
  };
  const live = new Map([...before.services].filter(([, each]) => isOurs(each, input.loadBalancerClass)));
  const namespaceLabels = labelsOf(wanted, before);
  const past = buildConfiguration(before.configuration);
  const ledger = ledgerOf(live.values(), { configuration: past, namespaceLabels, now }, before.families);
  const usedBefore = usageBefore(past, ledger);

  const applied = applyConfiguration(seen, { raw: before.configuration, ledger, now });
  const world: World = { configuration: applied.configuration, ledger, namespaceLabels, now };
  const passage = passageOf({
    past: { configuration: past, namespaceLabels: pastLabels(before) },
    steps: applied.steps,
    live: [...live.values()],
    world,
    families: before.families,
  });
  ledger.configure(world.configuration, now);
  const simulation = new Simulation(world, before.families, passage);

  const gone = [...live.keys()].filter((key) => isGone(key, wanted, input.managed)).sort();
  const { movers, settled } = moversOf(wanted, live, gone, simulation, before);
  const forecasts = new Map<string, Forecast>([...settled, ...foreseeAll(movers, simulation, before.families)]);
  const reconfigured = applied.outlooks.some(({ change }) => change !== 'unchanged');
  const traps = orderTraps({
    movers,
    forecasts,
    gone,
    world,
    past,
    families: before.families,
    wanted,
    reconfigured,
    comesAfterConfiguration: input.comesAfterConfiguration ?? (() => false),
  });
  const released = afterRelease(gone, live, simulation, forecasts);
  const [given, strayed] = [new Set<string>(), new Set<string>()];
  const removed =
    input.managed === 'nothing'
      ? applied
      : removeConfiguration(wanted, { raw: applied.raw, ledger, now }, input.managed, (configuration) => {
          for (const key of simulation.reconfigure(configuration).keys()) given.add(key);
          for (const key of simulation.moveStrays(live)) strayed.add(key);
        });
  const last = removed === applied ? released : afterRemoval({ removed, given, strayed, movers }, simulation, released);
  const late = besideWishes(last, input.wishes, wanted, simulation.world);
  const configuration = removed === applied ? applied.outlooks : [...applied.outlooks, ...removed.outlooks];

  const going = new Set(gone);
  const context: OutlookContext = { wanted, live, forecasts: late, world, hidden, before };
  const services = [
    ...[...new Set([...wanted.services.keys(), ...movers.map(({ key }) => key), ...settled.keys()])]
      .filter((key) => !going.has(key))
      .map((key) => outlookOf(key, context)),
    ...gone.map((key) => goneOutlook(key, context)),
  ]
    .filter((each) => each.at !== undefined || each.change === 'gone' || each.loses.length > 0)
    .sort((a, b) => compareText(a.service, b.service));
  const wishes = checkedWishes(input.wishes, world, hidden);
  const findings = [
    ...input.problems,
    ...wanted.problems,
    ...hiddenFindings(wanted, hidden),
    ...traps,
    ...absentNamespaces(wanted, before),
    ...lintsOf({
      wanted,
      configuration: removed.configuration,
      services,
      wishes,
      hidden: new Set(hidden.keys()),
      families: before.families,
    }),
  ].sort(byPlace);
  return {
    services,
    configuration,
    pools: poolUse(usedBefore, removed.configuration, ledger),
    quotas: quotaUse({
      past,
      usedBefore,
      world: { ...world, configuration: removed.configuration },
      services: wanted.services,
      live,
      families: before.families,
    }),
    wishes,
    findings,
    verdict: verdictOf(services, configuration, wishes, findings),
  };
}

function verdictOf(
  services: readonly ServiceOutlook[],
  configuration: readonly ConfigurationOutlook[],
  wishes: PlanReport['wishes'],
  findings: readonly SourceProblem[],
): PlanReport['verdict'] {
  if (findings.some(({ severity }) => severity === 'error')) return 'incomplete';
  const refused =
    services.some(({ answer, loses, change }) => answer === 'refused' || (loses.length > 0 && change !== 'gone')) ||
    configuration.some(({ refusal, losses }) => refusal !== undefined || losses.length > 0) ||
    wishes.some(({ answer }) => answer === 'refused');
  return refused ? 'refused' : 'fine';
}

function pastLabels({ namespaces }: ClusterState): (name: string) => Labels | undefined {
  return (name) => namespaces.get(name) ?? { [NAMESPACE_NAME_LABEL]: name };
}

function labelsOf(wanted: Wanted, before: ClusterState): (name: string) => Labels | undefined {
  return (name) => {
    const own = wanted.namespaces.get(name)?.object;
    const present = before.namespaces.get(name);
    if (own !== undefined) {
      const dropped = new Set(before.appliedLabels?.get(name));
      const others = Object.entries(before.complete ? (present ?? {}) : {}).filter(([key]) => !dropped.has(key));
      return { ...Object.fromEntries(others), ...own };
    }
    if (present !== undefined) return present;
    // The apiserver gives every namespace this one.
    return { [NAMESPACE_NAME_LABEL]: name };
  };
}

/** Pools whose addresses aren't written in the files, and why. */
function hiddenPools({ configuration }: Wanted): ReadonlyMap<string, string> {
  const hidden = new Map<string, string>();
  for (const { kind, object } of configuration) {
    if (kind !== 'IPAddressPool') continue;
    const found = unresolvedIn(ownField(object, 'spec'), 'spec');
    if (found !== undefined) hidden.set(object.metadata.name, `${found.path} is ${found.text}`);
  }
  return hidden;
}

/** A pool with those of its addresses that are written; none where none is. */
function knownPart<T extends Wanted['configuration'][number]>(pool: T): readonly T[] {
  const spec = ownField(pool.object, 'spec');
  const addresses = ownField(spec, 'addresses');
  const known = Array.isArray(addresses) ? addresses.filter((each) => unresolvedIn(each) === undefined) : [];
  if (known.length === 0) return [];
  return [{ ...pool, object: { ...pool.object, spec: { ...(spec as object), addresses: known } } as T['object'] }];
}

function hiddenFindings({ configuration }: Wanted, hidden: ReadonlyMap<string, string>): readonly SourceProblem[] {
  return configuration.flatMap(({ kind, manifest, object }): SourceProblem[] => {
    const why = kind === 'IPAddressPool' ? hidden.get(object.metadata.name) : undefined;
    if (why === undefined) return [];
    const message = `IPAddressPool "${manifest.name}" is unknown in part until the cluster has it: ${why}; what needs that part can't be foreseen here`;
    return [{ severity: 'note', rule: 'unknown-pool', at: manifest.locate(why.slice(0, why.indexOf(' '))), message }];
  });
}

function isGone(key: string, wanted: Wanted, managed: Managed): boolean {
  return wanted.allServices.has(key) ? !wanted.services.has(key) : isManaged(managed, `Service/${key}`);
}

interface Moving {
  readonly movers: readonly Mover[];
  /** Those that keep what they hold, whatever the others do. */
  readonly settled: ReadonlyMap<string, Forecast>;
}

function moversOf(
  wanted: Wanted,
  live: ReadonlyMap<string, Service>,
  gone: readonly string[],
  simulation: Simulation,
  before: ClusterState,
): Moving {
  const movers: Mover[] = [];
  const settled = new Map<string, Forecast>();
  const going = new Set(gone);
  const keys = new Set([...wanted.services.keys(), ...live.keys()]);
  for (const key of [...keys].sort()) {
    const written = wanted.services.get(key);
    const present = live.get(key);
    if (going.has(key)) {
      if (present === undefined || present.metadata.deletionTimestamp !== undefined) continue;
      // One that only changes its type leaves when its turn comes; one that is deleted goes after all else, and may be given an address yet.
      const leaves = wanted.allServices.has(key);
      const mover = { key, service: present, live: present, applied: leaves, leaves };
      if (leaves || keptBy(mover, present, simulation, before) === undefined) movers.push(mover);
      continue;
    }
    if (written === undefined && present?.metadata.deletionTimestamp !== undefined) continue;
    const former = present === undefined ? before.services.get(key) : undefined;
    const service = written === undefined ? present : stored(written.object, present ?? former);
    if (service === undefined) continue;
    const mover: Mover = { key, service, live: present, former, applied: written !== undefined };
    const kept = present === undefined ? undefined : keptBy(mover, present, simulation, before);
    if (kept === undefined) movers.push(mover);
    else
      settled.set(key, {
        outcome: kept,
        certain: 'all',
        pools: kept.kind === 'assigned' ? [kept.pool] : [],
        served: true,
      });
  }
  return { movers, settled };
}

/** What a Service has that holds all it asks for, before and after. */
function keptBy(mover: Mover, present: Service, simulation: Simulation, before: ClusterState): Outcome | undefined {
  const old = requestOf(present, before.families);
  if (old.held.length === 0 || wishText(mover.service, before.families) !== wishText(present, before.families))
    return undefined;
  const decision = decide(
    { ...requestOf(mover.service, before.families), assignedPool: old.assignedPool },
    simulation.world,
  );
  if (decision.kind !== 'assigned' || !decision.kept || decision.unmet !== undefined) return undefined;
  const { pool, addresses, because, warnings } = decision;
  return { kind: 'assigned', pool, addresses, because, warnings, kept: true };
}

/** After the prune: addresses come free, and who waits for one gets it. */
function afterRelease(
  gone: readonly string[],
  live: ReadonlyMap<string, Service>,
  simulation: Simulation,
  forecasts: ReadonlyMap<string, Forecast>,
): ReadonlyMap<string, Forecast> {
  const leaving = gone.flatMap((key): Leaving[] => {
    const service = live.get(key);
    return service === undefined ? [] : [{ key, service }];
  });
  const others = simulation.hasWaiting ? otherReleases(leaving, simulation) : [];
  const going = new Set(gone);
  const changed = new Map([...simulation.release(leaving)].filter(([key]) => !going.has(key)));
  const all = new Map(forecasts);
  for (const key of new Set([changed, ...others].flatMap((each) => [...each.keys()]))) {
    const known = all.get(key);
    if (going.has(key) || known === undefined || known.outcome.kind === 'refused') continue;
    const outcome = changed.get(key) ?? known.outcome;
    const outcomes = [outcome, ...others.map((each) => each.get(key) ?? known.outcome)];
    const found = common(outcome, outcomes);
    const sure = changed.size === 1 && known.certain === 'all' && found.certain === 'all';
    all.set(key, {
      ...found,
      certain: sure ? 'all' : 'nothing',
      served: changed.size === 1 && found.served,
    });
  }
  return all;
}

/** What would come of it if they were deleted in another order, and other newcomers were the elder ones. */
function otherReleases(leaving: readonly Leaving[], simulation: Simulation): readonly ReadonlyMap<string, Outcome>[] {
  const backwards = [...leaving].reverse();
  const ways = [
    [leaving, 'by name, backwards'],
    [backwards, 'by name'],
    [backwards, 'by name, backwards'],
  ] as const;
  return ways.map(([order, newcomers]) => simulation.tentatively(() => simulation.release(order, newcomers)));
}

interface Removal {
  readonly removed: ConfigurationStep;
  /** Services that were given an address while it was removed, step by step. */
  readonly given: ReadonlySet<string>;
  /** Services that held an address of a pool that went. */
  readonly strayed: ReadonlySet<string>;
  readonly movers: readonly Mover[];
}

/** After pools and policies are gone: who waits does so for other reasons, and who held an address of them moves. */
function afterRemoval(
  { removed, given, strayed, movers }: Removal,
  simulation: Simulation,
  forecasts: ReadonlyMap<string, Forecast>,
): ReadonlyMap<string, Forecast> {
  if (removed.steps.length === 0) simulation.reconfigure(removed.configuration);
  // Had a Service been looked at when all was removed already, it could have got another address, or none.
  const passing = removed.steps.length > 1;
  const all = new Map(forecasts);
  for (const { key } of movers) {
    const known = all.get(key);
    const outcome = simulation.outcome(key);
    if (known?.outcome.kind !== 'waiting' || outcome === undefined) continue;
    const sure = known.certain === 'all' && !(passing && given.has(key));
    all.set(key, { ...known, outcome, certain: sure ? 'all' : 'nothing', served: sure && known.served });
  }
  for (const key of strayed) {
    const known = all.get(key);
    const outcome = simulation.outcome(key);
    if (outcome === undefined || known?.outcome.kind === 'refused') continue;
    const sure = strayed.size === 1 && known?.certain !== 'nothing' && !(passing && outcome.kind === 'assigned');
    const pools = outcome.kind === 'assigned' ? [outcome.pool] : [];
    all.set(key, { outcome, certain: sure ? 'all' : 'nothing', pools, served: false });
  }
  // What every order gives to somebody may be taken from it again.
  const { pools } = removed.configuration;
  for (const [key, known] of all) {
    if (known.certain !== 'all' && known.served && !known.pools.every((each) => pools.has(each)))
      all.set(key, { ...known, certain: 'nothing', served: false });
  }
  return all;
}

/**
 * Wishes become Services too, at a time that nobody knows: beside one that may
 * draw from the same pool, no automatic address is sure.
 */
function besideWishes(
  forecasts: ReadonlyMap<string, Forecast>,
  wishes: readonly Wish[],
  wanted: Wanted,
  world: World,
): ReadonlyMap<string, Forecast> {
  const pools = new Set<string>();
  let anywhere = false;
  for (const { addresses, pool } of wishes) {
    if (pool !== undefined) pools.add(pool);
    else if (addresses.length === 0) anywhere = true;
    for (const text of addresses) {
      const address = parseAddress(text);
      const home = address.ok ? world.ledger.poolOf(address.value) : undefined;
      if (home !== undefined) pools.add(home.name);
      else if (!address.ok) anywhere = true;
    }
  }
  return new Map(
    [...forecasts].map(([key, forecast]): [string, Forecast] => {
      const { outcome, certain } = forecast;
      const written = wanted.services.get(key);
      if (certain !== 'all' || outcome.kind !== 'assigned' || outcome.kept || written === undefined)
        return [key, forecast];
      const named =
        written.object.spec.loadBalancerIP !== undefined ||
        /loadBalancerIPs/.test(Object.keys(written.object.metadata.annotations ?? {}).join());
      return named || !(anywhere || pools.has(outcome.pool))
        ? [key, forecast]
        : [key, { ...forecast, certain: 'pool' }];
    }),
  );
}

function absentNamespaces(wanted: Wanted, before: ClusterState): readonly SourceProblem[] {
  if (!before.complete) return [];
  const told = new Set<string>();
  return [...wanted.services.values()].flatMap(({ manifest, object }): SourceProblem[] => {
    const namespace = object.metadata.namespace ?? '';
    if (wanted.namespaces.has(namespace) || before.namespaces.has(namespace) || told.has(namespace)) return [];
    told.add(namespace);
    if (namespace === 'default') return [];
    const message = `Namespace ${namespace} exists neither in the manifests nor in the cluster; write it, or create it first`;
    return [{ severity: 'warning', rule: 'absent-namespace', at: manifest.locate('metadata.namespace'), message }];
  });
}

function byPlace(a: SourceProblem, b: SourceProblem): number {
  return compareLocations(a.at, b.at) || compareText(a.rule, b.rule) || compareText(a.message, b.message);
}
