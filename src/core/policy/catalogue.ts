/** The pools of a configuration in the orders that the rules ask for, worked out once for each configuration. */
import type { Configuration, Pool } from '../config/configuration.ts';
import { pinsSomebody } from './permission.ts';

export interface Catalogue {
  /** Automatic pools that are pinned to somebody, by priority, then name. */
  readonly pinned: readonly Pool[];
  /** Automatic pools without `serviceAllocation`, by name. */
  readonly open: readonly Pool[];
}

// A pure function's memory: a configuration is never changed, only replaced.
const known = new WeakMap<Configuration, Catalogue>();

export function catalogueOf(configuration: Configuration): Catalogue {
  const found = known.get(configuration);
  if (found !== undefined) return found;
  const automatic = [...configuration.pools.values()]
    .filter((pool) => pool.autoAssign && !pool.deleting)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const catalogue = {
    pinned: automatic.filter(pinsSomebody).sort((a, b) => priority(a) - priority(b) || (a.name < b.name ? -1 : 1)),
    open: automatic.filter((pool) => pool.serviceAllocation === undefined),
  };
  known.set(configuration, catalogue);
  return catalogue;
}

/** Infinity minus Infinity is no number, so an unset priority is the largest number instead. */
function priority(pool: Pool): number {
  return Math.min(pool.serviceAllocation?.priority ?? Number.MAX_VALUE, Number.MAX_VALUE);
}
