/** Failures of pools that were asked, with the pools that would serve if asked for by name. */
import type { Pool } from '../config/configuration.ts';
import { tryPool } from './allocate.ts';
import { type Ask, homeOf, type Missing } from './ask.ts';
import type { Failure, NamedBy, Pinned, Tried } from './failure.ts';
import { shutOut } from './permission.ts';

/** As many as help, out of as many as can be looked at while an author waits. */
const MOST = 3;
const MOST_LOOKED_AT = 200;

export function noneServes(ask: Ask, tried: readonly Tried[], namedBy: NamedBy): Failure {
  return { kind: 'none-serves', tried, namedBy, alternatives: alternativesTo(ask, tried) };
}

/** A pool that isn't there, or is going. */
export function poolAbsent(ask: Ask, pool: string, state: Missing, namedBy: NamedBy): Failure {
  return { kind: 'pool-absent', pool, state, namedBy, alternatives: alternativesTo(ask, []) };
}

/** A pool that shuts the Service out. */
export function poolForbidden(ask: Ask, pool: string, pinned: Pinned, namedBy: NamedBy): Failure {
  const { namespace } = ask.request;
  return { kind: 'pool-forbidden', pool, namespace, pinned, namedBy, alternatives: alternativesTo(ask, []) };
}

/** Pools that the Service may ask for by name, and that would serve it now; by name. */
export function alternativesTo(ask: Ask, tried: readonly Tried[]): readonly string[] {
  const asked = new Set<string | undefined>(tried.map(({ pool }) => pool));
  for (const address of ask.held) asked.add(homeOf(ask, address));
  const found: string[] = [];
  let looked = 0;
  for (const pool of ask.world.configuration.pools.values()) {
    if (found.length === MOST || looked === MOST_LOOKED_AT) break;
    looked += 1;
    if (!asked.has(pool.name) && serves(ask, pool)) found.push(pool.name);
  }
  return found;
}

function serves(ask: Ask, pool: Pool): boolean {
  return !pool.deleting && shutOut(pool, ask) === undefined && tryPool(ask, pool).addresses.length > 0;
}
