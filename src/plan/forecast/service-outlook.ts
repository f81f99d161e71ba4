/** What a plan says of each Service: the forecast in words, and what nobody can tell before the cluster has everything. */
import type { Service } from '../../core/api/kubernetes.ts';
import type { Configuration } from '../../core/config/configuration.ts';
import { formatAddress, parseAddress } from '../../core/net/address.ts';
import type { World } from '../../core/policy/world.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { Manifest } from '../manifest.ts';
import type { Forecast } from './order.ts';
import type { ServiceOutlook } from './report.ts';
import { requestOf, wishText } from './request-of.ts';
import { type Outcome, stored } from './simulation.ts';
import { unresolvedIn } from './unresolved.ts';
import type { Wanted, Written } from './wanted.ts';

/** What there is to say something of. */
export interface OutlookContext {
  readonly wanted: Wanted;
  readonly live: ReadonlyMap<string, Service>;
  readonly forecasts: ReadonlyMap<string, Forecast>;
  readonly world: World;
  readonly hidden: ReadonlyMap<string, string>;
  readonly before: ClusterState;
}

/** What becomes of a Service that stays or comes. */
export function outlookOf(key: string, context: OutlookContext): ServiceOutlook {
  const { wanted, live, forecasts, before } = context;
  const written = wanted.services.get(key);
  const present = live.get(key);
  const forecast = forecasts.get(key);
  const assumed = before.assumed?.has(key) ?? false;
  const held = present === undefined || assumed ? [] : requestOf(present, before.families).held.map(formatAddress);
  const change =
    present === undefined
      ? 'new'
      : written !== undefined &&
          wishText(stored(written.object, present), before.families) !== wishText(present, before.families)
        ? 'changed'
        : 'unchanged';
  const head = {
    service: key,
    at: written?.manifest.at,
    appliedBy: written?.manifest.appliedBy,
    change,
    before: held,
  } as const;
  const contestedBefore = before.contested?.has(key)
    ? 'which Service was there first decides, and only the cluster knows it'
    : undefined;
  const unknown = written && (contestedBefore ?? unknownBecause(written, forecast, context));
  if (forecast === undefined || unknown !== undefined) {
    const pool = written && namedHidden(written.object, context);
    return {
      ...head,
      answer: 'unknown',
      pool,
      addresses: [],
      open: 'known only in the cluster',
      because: unknown ?? 'nothing was decided',
      message: undefined,
      adviceOpen: false,
      reason: undefined,
      warnings: [],
      loses: [],
    };
  }
  const { outcome, certain, pools, served } = forecast;
  const { warnings } = outcome;
  const at = written === undefined ? undefined : placeOf(written, outcome);
  const outside = held.filter((each) => isOutside(each, context.world));
  if (certain === 'nothing') {
    const because = served
      ? `${manyPools(pools)}; which one depends on the order of creation`
      : contested(outcome, pools);
    return {
      ...head,
      at,
      answer: served ? 'allowed' : 'unknown',
      pool: served && pools.length === 1 ? pools[0] : undefined,
      addresses: [],
      open: 'depends on the order of creation',
      because,
      message: undefined,
      adviceOpen: false,
      reason: undefined,
      warnings: [],
      loses: outside,
    };
  }
  if (outcome.kind === 'assigned') {
    const keepsUnnamed = assumed && outcome.kept;
    const addresses = certain === 'all' && !keepsUnnamed ? outcome.addresses.map(formatAddress) : [];
    const open =
      assumed && outcome.kept
        ? 'the one it has'
        : certain === 'all'
          ? undefined
          : 'which one depends on the order of creation';
    const because = keepsUnnamed
      ? `keeps an address of pool "${outcome.pool}"`
      : certain === 'all'
        ? outcome.because
        : `an address from pool "${outcome.pool}", which one depends on the order of creation: ${outcome.because}`;
    const loses = certain === 'all' ? held.filter((each) => !addresses.includes(each)) : outside;
    return {
      ...head,
      answer: 'allowed',
      pool: outcome.pool,
      addresses,
      open,
      because,
      message: undefined,
      adviceOpen: false,
      reason: undefined,
      warnings,
      loses,
    };
  }
  const because = outcome.message.split('\n', 1)[0] ?? '';
  const adviceOpen = forecast.adviceOpen === true;
  const loses = outcome.kind === 'refused' ? [] : held;
  return {
    ...head,
    at,
    answer: outcome.kind === 'refused' ? 'refused' : 'waits',
    pool: undefined,
    addresses: outcome.kind === 'refused' ? held : [],
    open: undefined,
    because: adviceOpen ? `${because} (what it advises depends on the order of creation)` : because,
    message: outcome.message,
    adviceOpen,
    reason: outcome.reason,
    warnings,
    loses,
  };
}

function isOutside(address: string, world: World): boolean {
  const parsed = parseAddress(address);
  return parsed.ok && world.ledger.poolOf(parsed.value) === undefined;
}

function manyPools(pools: readonly string[]): string {
  return pools.length === 1
    ? `an address from pool "${pools[0]}"`
    : `an address from pool ${pools.map((each) => `"${each}"`).join(' or ')}`;
}

function contested(outcome: Outcome, pools: readonly string[]): string {
  const where = pools.length === 0 ? 'no pool' : `pool ${pools.map((each) => `"${each}"`).join(' or ')}`;
  if (outcome.kind !== 'assigned')
    return `depends on the order of creation: in some orders an address from ${where}, in others ${outcome.message.split('\n', 1)[0]}`;
  return `depends on the order of creation: others of these Services may be there first (${where})`;
}

function placeOf({ manifest }: Written<Service>, outcome: Outcome): Manifest['at'] {
  return outcome.kind === 'assigned' ? manifest.at : manifest.locate(outcome.field);
}

/** Why nobody can tell before the cluster has everything; undefined where one can. */
function unknownBecause(
  { object }: Written<Service>,
  forecast: Forecast | undefined,
  context: OutlookContext,
): string | undefined {
  const { metadata, spec } = object;
  const found = unresolvedIn({
    metadata: { annotations: metadata.annotations ?? {}, name: metadata.name, namespace: metadata.namespace },
    spec,
  });
  if (found !== undefined) return `${found.path} is ${found.text}, which isn't known here`;
  const labels = unknownLabels(object, context);
  if (labels !== undefined) return labels;
  if (context.hidden.size === 0 || forecast?.outcome.kind === undefined) return undefined;
  const { outcome } = forecast;
  const request = requestOf(object, context.before.families);
  const named = namedHidden(object, context);
  if (named !== undefined)
    return `it asks for pool "${named}", whose addresses aren't known here: ${context.hidden.get(named)}`;
  if (
    outcome.kind === 'assigned' &&
    (outcome.kept || request.requestedAddresses.length > 0 || request.requestedPool !== undefined)
  )
    return undefined;
  const names = [...context.hidden.keys()].map((each) => `"${each}"`).join(', ');
  return `the addresses of pool ${names} aren't known here, and they may decide`;
}

function namedHidden({ metadata }: Service, { hidden, before }: OutlookContext): string | undefined {
  const { requestedPool } = requestOf({ metadata, spec: {} }, before.families);
  return requestedPool !== undefined && hidden.has(requestedPool) ? requestedPool : undefined;
}

/** The labels of a namespace that no file and no state has, where a rule selects by such labels. */
function unknownLabels({ metadata }: Service, { wanted, before, world }: OutlookContext): string | undefined {
  const namespace = metadata.namespace ?? '';
  if (before.complete || wanted.namespaces.has(namespace) || before.namespaces.has(namespace)) return undefined;
  if (!selectsNamespaces(world.configuration)) return undefined;
  return `labels of namespace ${namespace} decide, and no manifest has it; add the Namespace, or give a state by --against`;
}

function selectsNamespaces({ pools, policies }: Configuration): boolean {
  return (
    [...pools.values()].some(({ serviceAllocation }) => (serviceAllocation?.namespaceSelectors.length ?? 0) > 0) ||
    policies.some(
      ({ match, sharing }) => match?.namespaceSelector !== undefined || sharing?.namespaceSelector !== undefined,
    )
  );
}

/** What becomes of one that goes. */
export function goneOutlook(key: string, { live, wanted, before }: OutlookContext): ServiceOutlook {
  const present = live.get(key);
  const held =
    present === undefined || before.assumed?.has(key)
      ? []
      : requestOf(present, before.families).held.map(formatAddress);
  const because = wanted.allServices.has(key)
    ? 'it no longer asks for a load balancer of ours'
    : 'no manifest has it any more';
  return {
    service: key,
    at: undefined,
    appliedBy: undefined,
    change: 'gone',
    answer: 'allowed',
    pool: undefined,
    addresses: [],
    open: undefined,
    before: held,
    because,
    message: undefined,
    adviceOpen: false,
    reason: undefined,
    warnings: [],
    loses: held,
  };
}
