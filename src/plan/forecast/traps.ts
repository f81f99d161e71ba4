/** What works in the end and fails on the way, because of the order in which git is applied. */
import type { Configuration } from '../../core/config/configuration.ts';
import type { Family } from '../../core/net/address.ts';
import { decide } from '../../core/policy/decide.ts';
import type { World } from '../../core/policy/world.ts';
import type { Manifest, SourceProblem } from '../manifest.ts';
import type { Forecast } from './order.ts';
import { requestOf } from './request-of.ts';
import type { Mover } from './simulation.ts';
import type { Wanted } from './wanted.ts';

export interface TrapGround {
  readonly movers: readonly Mover[];
  readonly forecasts: ReadonlyMap<string, Forecast>;
  /** Services that are deleted, last of all. */
  readonly gone: readonly string[];
  /** With everything applied and nothing deleted yet. */
  readonly world: World;
  readonly past: Configuration;
  readonly families: readonly Family[];
  readonly wanted: Wanted;
  /** Whether the configuration is another than before. */
  readonly reconfigured: boolean;
  /** Whether git itself says that configuration is applied before this manifest. */
  readonly comesAfterConfiguration: (manifest: Manifest) => boolean;
}

/** Leaves the ledger as it was. */
export function orderTraps(ground: TrapGround): readonly SourceProblem[] {
  return [...pruneTraps(ground), ...configurationTraps(ground)];
}

/**
 * Flux deletes what left git only after everything else was applied, and
 * applies nothing where one dry run is refused. So a Service that takes over
 * the address of one that goes is refused for ever.
 */
function pruneTraps({ movers, forecasts, gone, world, families, wanted }: TrapGround): readonly SourceProblem[] {
  const refused = movers.filter(({ key }) => forecasts.get(key)?.outcome.kind === 'refused');
  const going = gone.flatMap((key) => world.ledger.get(key) ?? []);
  if (refused.length === 0 || going.length === 0) return [];
  for (const { key } of going) world.ledger.release(key);
  const found = refused.flatMap(({ key, service }): SourceProblem[] => {
    const written = wanted.services.get(key);
    if (written === undefined || decide(requestOf(service, families), world).kind === 'refused') return [];
    const names = going.map((claim) => claim.key).sort();
    const message =
      `Service ${key} is refused as long as ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and others' : ''} ` +
      `${names.length === 1 ? 'is' : 'are'} there, and Flux deletes only after all else was applied; delete in a commit of its own, first`;
    return [{ severity: 'warning', rule: 'order-trap', at: written.manifest.at, message }];
  });
  for (const claim of going) world.ledger.claim(claim);
  return found;
}

/** The configuration that a Service needs comes in the same step, and Services are applied before custom resources. */
function configurationTraps(ground: TrapGround): readonly SourceProblem[] {
  const { movers, forecasts, world, past, families, wanted, comesAfterConfiguration } = ground;
  if (past.pools.size === 0 || !ground.reconfigured) return [];
  const { ledger, now } = world;
  ledger.configure(past, now);
  const old: World = { ...world, configuration: past };
  const found = movers.flatMap(({ key, service, live, applied }): SourceProblem[] => {
    const forecast = forecasts.get(key);
    const written = wanted.services.get(key);
    if (!applied || live !== undefined || written === undefined || forecast?.outcome.kind !== 'assigned') return [];
    if (comesAfterConfiguration(written.manifest)) return [];
    const first = decide(requestOf(service, families), old);
    const { pool } = forecast.outcome;
    const at = written.manifest.at;
    const remedy =
      'apply configuration first: in a Kustomization of its own that the other dependsOn, or in an earlier commit';
    if (first.kind === 'refused') {
      const message = `Service ${key} is refused if it arrives before the change of configuration (${first.reason}); ${remedy}`;
      return [{ severity: 'warning', rule: 'order-trap', at, message }];
    }
    if (first.kind === 'assigned' && first.pool !== pool) {
      const message = `Service ${key} gets pool "${first.pool}" and keeps it if it arrives before the change of configuration, else pool "${pool}"; ${remedy}`;
      return [{ severity: 'warning', rule: 'order-trap', at, message }];
    }
    return [];
  });
  ledger.configure(world.configuration, now);
  return found;
}
