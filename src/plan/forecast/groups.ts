/** Which Services can meet: those with a pool, a quota or a sharing key in common, before, half way or in the end. */
import { NAMESPACE_POOL } from '../../core/api/names.ts';
import type { ServiceRequest } from '../../core/config/service-request.ts';
import type { Address, Family } from '../../core/net/address.ts';
import { type Rules, rulesFor } from '../../core/policy/rules.ts';
import type { World } from '../../core/policy/world.ts';
import { requestOf } from './request-of.ts';
import type { Mover, Simulation } from './simulation.ts';

/** A Service that is looked at together with those that it can meet. */
export interface Meeting extends Mover {
  readonly request: ServiceRequest;
  /** Names of what it has in common with others. */
  readonly touches: readonly string[];
  readonly hasQuota: boolean;
  readonly stable: boolean;
}

/** Those that can meet, directly or through others; each group by name. */
export function groupsOf(
  movers: readonly Mover[],
  { world, passage }: Pick<Simulation, 'world' | 'passage'>,
  families: readonly Family[],
): readonly (readonly Meeting[])[] {
  const parents = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    for (let up = parents.get(at); up !== undefined && up !== at; up = parents.get(at)) {
      // Halves the way for whoever comes after.
      const above = parents.get(up) ?? up;
      parents.set(at, above);
      at = above;
    }
    return at;
  };
  const passed = passage.stages.map((stage): World => ({ ...world, ...stage }));
  const meetings = [...movers]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((mover): Meeting => {
      const request = requestOf(mover.service, families);
      const live = mover.live && requestOf(mover.live, families);
      const versions = [
        { request, world },
        ...(live ? [world, ...passed].map((each) => ({ request: live, world: each })) : []),
      ];
      const rules = versions.map((each) => rulesFor(each.request, each.world));
      const touches = versions.flatMap((each, index) => touchesOf(each, live?.held ?? [], rules[index]!));
      return {
        ...mover,
        request,
        touches: [...new Set(touches)],
        hasQuota: rules.some(({ quota }) => quota !== undefined),
        stable: rules.some(({ strategy }) => strategy === 'Stable'),
      };
    });
  for (const { key, touches } of meetings) {
    for (const name of touches) parents.set(root(`service ${key}`), root(name));
  }
  const groups = new Map<string, Meeting[]>();
  for (const meeting of meetings) {
    const name = root(`service ${meeting.key}`);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [meeting]);
    else group.push(meeting);
  }
  return [...groups.values()];
}

/** Everything through which another mover could make a difference; rather too much than too little. */
function touchesOf(
  { request, world }: { readonly request: ServiceRequest; readonly world: World },
  held: readonly Address[],
  rules: Rules,
): readonly string[] {
  const { ledger, now } = world;
  const { namespace, name, requestedAddresses, requestedPool, sharingKey } = request;
  const pools = new Set<string>();
  const addressPools = [...requestedAddresses, ...held].flatMap((address) => ledger.poolOf(address)?.name ?? []);
  for (const pool of addressPools) pools.add(pool);
  if (requestedPool !== undefined) pools.add(requestedPool);
  if (requestedAddresses.length === 0 && requestedPool === undefined) {
    for (const pool of ledger.poolsReservedFor(namespace, name, now)) pools.add(pool.name);
    const label = world.namespaceLabels(namespace)?.[NAMESPACE_POOL];
    const named = label ? [label] : rules.pools?.names;
    for (const pool of named ?? automaticPools(world.configuration)) pools.add(pool);
    if (request.assignedPool !== undefined) pools.add(request.assignedPool);
  }
  return [
    ...[...pools].map((pool) => `pool ${pool}`),
    ...(sharingKey === undefined ? [] : [`key ${sharingKey}`]),
    ...(rules.quota === undefined ? [] : [`quota ${namespace}`]),
  ];
}

const automatic = new WeakMap<World['configuration'], readonly string[]>();

/** Names of the pools that are given to those who name none; worked out once for each configuration. */
function automaticPools(configuration: World['configuration']): readonly string[] {
  let names = automatic.get(configuration);
  if (names === undefined) {
    names = [...configuration.pools.values()].filter(({ autoAssign }) => autoAssign).map(({ name }) => name);
    automatic.set(configuration, names);
  }
  return names;
}
