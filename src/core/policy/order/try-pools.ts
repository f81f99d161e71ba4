/** Asks pools one after the other and keeps why each was passed over. */
import type { Pool } from '../../config/configuration.ts';
import type { Family } from '../../net/address.ts';
import { type Trial, tryPool } from '../allocate.ts';
import { type Ask, findPool } from '../ask.ts';
import type { Tried } from '../failure.ts';
import { shutOut } from '../permission.ts';

export interface Search {
  /** The pool that serves best; undefined: none serves. */
  readonly best: Trial | undefined;
  readonly tried: readonly Tried[];
}

/**
 * The first pool that serves every family. Where none does and one family is
 * enough (PreferDualStack), the first that serves the primary one, else the
 * first that serves the other: MetalLB's choice.
 */
export function tryPools(ask: Ask, pools: Iterable<Pool>): Search {
  const tried: Tried[] = [];
  const halves: Trial[] = [];
  for (const pool of pools) {
    const trial = tryPool(ask, pool);
    if (trial.addresses.length === ask.families.length) return { best: trial, tried };
    if (trial.addresses.length > 0) halves.push(trial);
    if (trial.passed !== undefined) tried.push({ pool: pool.name, passed: trial.passed });
  }
  const serves = (family: Family | undefined): Trial | undefined =>
    halves.find((trial) => trial.addresses.some((address) => address.family === family));
  return { best: serves(ask.families[0]) ?? halves[0], tried };
}

/** As `tryPools`, for pools that somebody names: absent ones, and those that shut the Service out, are passed over. */
export function tryNamedPools(ask: Ask, names: readonly string[]): Search {
  const closed: Tried[] = [];
  const open = names.flatMap((name): Pool[] => {
    const pool = findPool(ask, name);
    if (typeof pool === 'string') {
      closed.push({ pool: name, passed: { why: pool } });
      return [];
    }
    const pinned = shutOut(pool, ask);
    if (pinned === undefined) return [pool];
    closed.push({ pool: name, passed: { why: 'pinned', pinned } });
    return [];
  });
  const search = tryPools(ask, open);
  const order = new Map(names.map((name, index) => [name, index]));
  const tried = [...closed, ...search.tried].sort((a, b) => (order.get(a.pool) ?? 0) - (order.get(b.pool) ?? 0));
  return { best: search.best, tried };
}
