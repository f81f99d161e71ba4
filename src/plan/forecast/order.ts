/**
 * What the order of creation decides. Services that can't meet (no pool, quota,
 * or sharing key in common) are looked at apart. Of a few that can, every order
 * is played. Of many, bounds tell what holds in every order: enough room for
 * all in their first choice, and no automatic address as high as one that is
 * asked for. What neither shows is said to depend on the order.
 */

import { type Address, compareAddresses, type Family, sameAddress } from '../../core/net/address.ts';
import type { RefusalReason } from '../../core/policy/decision.ts';
import type { World } from '../../core/policy/world.ts';
import { groupsOf, type Meeting } from './groups.ts';
import { type Mover, type Outcome, outcomeText, type Simulation } from './simulation.ts';

export interface Forecast {
  /** In the order by name. */
  readonly outcome: Outcome;
  readonly certain: 'all' | 'pool' | 'nothing';
  /** Pools that it may come from, by name; empty where none is sure to be had. */
  readonly pools: readonly string[];
  /** With `nothing`: every order gives it some address. */
  readonly served: boolean;
  /** It gets nothing for the same reason in every order, but what it is advised to do instead differs. */
  readonly adviceOpen?: boolean;
}

/** Played through in every order up to this many: 4! runs of 4. */
const EXHAUSTIVE = 4;

/** Leaves the simulation with all movers applied, in the order by name, pinned addresses first. */
export function foreseeAll(
  movers: readonly Mover[],
  simulation: Simulation,
  families: readonly Family[],
): ReadonlyMap<string, Forecast> {
  const forecasts = new Map<string, Forecast>();
  for (const group of groupsOf(movers, simulation, families)) {
    const found = group.length <= EXHAUSTIVE ? everyOrder(group, simulation) : byBounds(group, simulation);
    for (const [key, forecast] of found) forecasts.set(key, forecast);
  }
  openAdvice(movers, simulation, forecasts);
  return forecasts;
}

/** Advice names pools with a free address, also such as a Service has nothing else to do with: who was there first matters for that too. */
function openAdvice(movers: readonly Mover[], simulation: Simulation, forecasts: Map<string, Forecast>): void {
  const unserved = movers.filter(({ key }) => {
    const forecast = forecasts.get(key);
    return forecast?.certain === 'all' && forecast.outcome.kind !== 'assigned';
  });
  if (unserved.length === 0 || movers.length === 1) return;
  const first = simulation.tentatively(() => {
    simulation.reset(movers);
    return unserved.map((each) => simulation.told(each));
  });
  for (const [index, mover] of unserved.entries()) {
    const forecast = forecasts.get(mover.key);
    if (forecast === undefined || forecast.outcome.kind === 'assigned') continue;
    const texts = new Set([forecast.outcome.message, first[index], simulation.told(mover)]);
    if (texts.size > 1) forecasts.set(mover.key, { ...forecast, adviceOpen: true });
  }
}

function everyOrder(group: readonly Meeting[], simulation: Simulation): ReadonlyMap<string, Forecast> {
  const present = group.filter(({ live }) => live !== undefined);
  const passed = stagesPassed(group, simulation);
  if (group.length === 1 && passed === 0)
    return new Map([...play(group, group, simulation)].map(([key, outcome]) => [key, common(outcome, [outcome])]));
  const seen = new Map<string, Outcome[]>(group.map(({ key }) => [key, []]));
  // Nobody knows how much is applied when the controller first comes to look.
  for (let from = 0; from <= passed; from += 1) {
    for (const woken of permutations(present)) {
      for (const order of permutations(group)) {
        for (const [key, outcome] of play(woken, order, simulation, from)) seen.get(key)?.push(outcome);
        simulation.reset(group);
      }
    }
  }
  const canonical = play(present, inOrder(group), simulation);
  return new Map(
    group.flatMap(({ key }) => {
      const outcome = canonical.get(key);
      return outcome === undefined ? [] : [[key, common(outcome, seen.get(key) ?? [])] as const];
    }),
  );
}

/** In how many stages something may be given to one of these. */
function stagesPassed(group: readonly Mover[], { passage }: Pick<Simulation, 'passage'>): number {
  return group.some(({ key }) => passage.restless.has(key)) ? passage.stages.length : 0;
}

/** What the configuration does to those who are there, and then the manifests, each in its order. */
function play(
  woken: readonly Mover[],
  order: readonly Mover[],
  simulation: Simulation,
  from?: number,
): ReadonlyMap<string, Outcome> {
  simulation.wake(woken, from);
  return simulation.run(order);
}

function* permutations<T>(list: readonly T[]): Generator<readonly T[]> {
  if (list.length <= 1) yield list;
  for (const [index, first] of list.entries()) {
    if (list.length <= 1) return;
    for (const rest of permutations(list.filter((_, other) => other !== index))) yield [first, ...rest];
  }
}

/** Pinned addresses first: an automatic one could otherwise be where they want to go. */
function inOrder(group: readonly Meeting[]): readonly Meeting[] {
  return [...group.filter(isPinned), ...group.filter((each) => !isPinned(each))];
}

function isPinned({ request }: Meeting): boolean {
  return request.requestedAddresses.length > 0;
}

/** What a number of outcomes have in common. */
export function common(outcome: Outcome, all: readonly Outcome[]): Forecast {
  const pools = [...new Set(all.flatMap((each) => (each.kind === 'assigned' ? [each.pool] : [])))].sort();
  const served = all.every(({ kind }) => kind === 'assigned');
  const texts = new Set(all.map(outcomeText));
  if (texts.size <= 1) return { outcome, certain: 'all', pools, served };
  if (served && pools.length === 1) return { outcome, certain: 'pool', pools, served };
  return { outcome, certain: 'nothing', pools, served };
}

interface Played {
  readonly meeting: Meeting;
  readonly alone: Outcome;
  readonly first: Outcome;
  readonly last: Outcome;
}

function byBounds(group: readonly Meeting[], simulation: Simulation): ReadonlyMap<string, Forecast> {
  const order = inOrder(group);
  const reversed = [...order].reverse();
  const backwards = play(reversed, reversed, simulation);
  simulation.reset(group);
  const passing = stagesPassed(group, simulation) === 0 ? backwards : play(reversed, reversed, simulation, 0);
  simulation.reset(group);
  const steady = [...passing].every(([key, outcome]) => outcomeText(outcome) === outcomeText(backwards.get(key)!));
  const leaving = group.some(({ leaves }) => leaves === true);
  const alone = new Map(
    group.map((each) => {
      const outcome = play([each], [each], simulation).get(each.key);
      simulation.reset([each]);
      return [each.key, outcome] as const;
    }),
  );
  const available = roomOf(simulation.world);
  const forwards = play(order, order, simulation);
  const played = group.flatMap((meeting): Played[] => {
    const { key } = meeting;
    const [one, first, last] = [alone.get(key), forwards.get(key), backwards.get(key)];
    return one === undefined || first === undefined || last === undefined ? [] : [{ meeting, alone: one, first, last }];
  });
  const roomy = hasRoomForAll(played, available);
  const equalChoices = haveEqualChoices(played);
  const bounds = boundsOf(played);
  return new Map(
    played.map(
      (each) =>
        [
          each.meeting.key,
          judge(each, { roomy, equalChoices, bounds, world: simulation.world, played, steady, leaving }),
        ] as const,
    ),
  );
}

interface Context {
  readonly roomy: boolean;
  readonly equalChoices: boolean;
  readonly bounds: Bounds;
  readonly world: World;
  readonly played: readonly Played[];
  /** Nobody is given anything half way that the end would not give. */
  readonly steady: boolean;
  /** Some address comes free when its Service's turn comes. */
  readonly leaving: boolean;
}

function judge(one: Played, context: Context): Forecast {
  const { meeting, alone, first, last } = one;
  const all = [first, alone, last];
  const same = new Set(all.map(outcomeText)).size === 1;
  const seen = common(first, all);
  if (first.kind !== 'assigned') {
    const sure = same && context.steady && !DEPENDS_ON_OTHERS.has(first.reason);
    return sure ? { ...seen, certain: 'all' } : { ...seen, certain: 'nothing', served: false };
  }
  if (same && first.kept) return { ...seen, certain: 'all' };
  if (!context.steady) return { ...seen, certain: 'nothing', served: false };
  if (isPinned(meeting)) {
    const sure = same && !meeting.hasQuota && !context.leaving && isBeyondReach(first, context.bounds);
    return sure ? { ...seen, certain: 'all' } : { ...seen, certain: 'nothing', served: false };
  }
  const samePool = new Set(all.map((each) => (each.kind === 'assigned' ? each.pool : ''))).size === 1;
  if (context.roomy && samePool) {
    return same && !context.leaving && isOwnAddress(one, first, context)
      ? { ...seen, certain: 'all' }
      : { ...seen, certain: 'pool', served: true };
  }
  return { ...seen, certain: 'nothing', served: context.equalChoices };
}

/** Reasons that another Service's coming or going can give or take away. */
const DEPENDS_ON_OTHERS: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'OutOfIPs',
  'QuotaExceeded',
  'AlreadyAllocated',
  'AlreadyAllocatedIncompatibleService',
]);

type Room = (pool: string, family: Family) => bigint;

/** What each pool has free at this moment. */
function roomOf({ ledger, configuration }: World): Room {
  const room = new Map<string, bigint>();
  for (const pool of configuration.pools.keys()) {
    const counts = ledger.counts(pool);
    for (const family of ['IPv4', 'IPv6'] as const) room.set(`${family} ${pool}`, counts[family].available);
  }
  return (pool, family) => room.get(`${family} ${pool}`) ?? 0n;
}

/** Whether everybody gets the first choice, and all of them fit there at once: then so they do in every order. */
function hasRoomForAll(played: readonly Played[], room: Room): boolean {
  const wanted = new Map<string, { readonly pool: string; readonly family: Family; count: bigint }>();
  let shares = false;
  let limited = false;
  for (const { meeting, alone, first, last } of played) {
    shares ||= meeting.request.sharingKey !== undefined;
    limited ||= meeting.hasQuota;
    if (alone.kind !== 'assigned') {
      if (outcomeText(alone) !== outcomeText(first) || outcomeText(alone) !== outcomeText(last)) return false;
      continue;
    }
    if (first.kind !== 'assigned' || last.kind !== 'assigned') {
      if (!isPinned(meeting)) return false;
    } else if (
      first.pool !== alone.pool ||
      last.pool !== alone.pool ||
      first.addresses.length !== alone.addresses.length
    )
      return false;
    if (alone.kept) continue;
    for (const { family } of alone.addresses) {
      const name = `${family} ${alone.pool}`;
      const entry = wanted.get(name) ?? { pool: alone.pool, family, count: 0n };
      entry.count += 1n;
      wanted.set(name, entry);
    }
  }
  // How many addresses sharers need depends on who came first.
  if (shares && limited) return false;
  return [...wanted.values()].every(({ pool, family, count }) => count <= room(pool, family));
}

/** Whether all who name no address may draw from the same pools, with nothing else to stand between them. */
function haveEqualChoices(played: readonly Played[]): boolean {
  const free = played.filter(({ meeting }) => !isPinned(meeting));
  if (played.some(({ first, last }) => first.kind !== 'assigned' || last.kind !== 'assigned')) return false;
  const choices = new Set(free.map(({ meeting }) => meeting.touches.join('\n')));
  const families = new Set(free.map(({ meeting }) => meeting.request.families.join()));
  return (
    choices.size === 1 &&
    families.size === 1 &&
    free.every(({ meeting }) => !meeting.hasQuota && meeting.request.sharingKey === undefined)
  );
}

interface Bounds {
  /** The highest address that an automatic one reaches, all who name one being there first. */
  readonly highest: ReadonlyMap<string, Address>;
  /** Pools in which somebody draws by hash: any free address may be hit. */
  readonly scattered: ReadonlySet<string>;
  /** How many draw from each pool. */
  readonly drawers: ReadonlyMap<string, number>;
}

function boundsOf(played: readonly Played[]): Bounds {
  const highest = new Map<string, Address>();
  const scattered = new Set<string>();
  const drawers = new Map<string, number>();
  for (const { meeting, first, last } of played) {
    if (isPinned(meeting)) continue;
    for (const outcome of [first, last]) {
      if (outcome.kind !== 'assigned' || outcome.kept) continue;
      if (meeting.stable) scattered.add(outcome.pool);
      for (const address of outcome.addresses) {
        const name = `${address.family} ${outcome.pool}`;
        if (outcome === first) drawers.set(name, (drawers.get(name) ?? 0) + 1);
        const known = highest.get(name);
        if (known === undefined || compareAddresses(known, address) < 0) highest.set(name, address);
      }
    }
  }
  return { highest, scattered, drawers };
}

function isBeyondReach(
  { pool, addresses }: Extract<Outcome, { kind: 'assigned' }>,
  { highest, scattered }: Bounds,
): boolean {
  return addresses.every((address) => {
    const top = highest.get(`${address.family} ${pool}`);
    return top === undefined || (!scattered.has(pool) && compareAddresses(top, address) < 0);
  });
}

/** Whether nobody else of the group could be given these addresses. */
function isOwnAddress({ meeting }: Played, outcome: Extract<Outcome, { kind: 'assigned' }>, context: Context): boolean {
  const { bounds, world, played } = context;
  const { namespace, name } = meeting.request;
  return outcome.addresses.every((address) => {
    const reserved = world.ledger.reservationsAt(address, world.now);
    if (reserved.some((each) => each.namespace === namespace && each.service === name)) return true;
    const place = `${address.family} ${outcome.pool}`;
    if (bounds.drawers.get(place) === 1 && !bounds.scattered.has(outcome.pool)) {
      return played.every(
        ({ meeting: other, first }) =>
          !isPinned(other) ||
          first.kind !== 'assigned' ||
          first.addresses.every(
            (each) =>
              each.family !== address.family || first.pool !== outcome.pool || compareAddresses(each, address) > 0,
          ),
      );
    }
    return everyoneAtHome(outcome.pool, context);
  });
}

/** In a pool from which all draw by hash, and each has the address that its hash names, nobody is in anybody's way. */
function everyoneAtHome(pool: string, { played, world }: Context): boolean {
  const found = world.configuration.pools.get(pool);
  return (
    found !== undefined &&
    played.every(({ meeting, first, last }) => {
      if (first.kind !== 'assigned' || first.pool !== pool || first.kept) return true;
      if (outcomeText(first) !== outcomeText(last)) return false;
      if (isPinned(meeting)) return true;
      const { namespace, name, sharingKey } = meeting.request;
      if (!meeting.stable || sharingKey !== undefined) return false;
      return first.addresses.every((address) => {
        const home = world.ledger.firstChoice(found, address.family, namespace, name);
        return home !== undefined && sameAddress(home, address);
      });
    })
  );
}
