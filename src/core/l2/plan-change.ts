/** The difference between two plans, small enough to hand to another thread at each change. */
import type { PlannedAddress } from '../announce/plan.ts';

export interface PlanChange {
  /** New or changed. */
  readonly set: readonly (readonly [id: string, planned: PlannedAddress])[];
  readonly remove: readonly string[];
}

type Addresses = ReadonlyMap<string, PlannedAddress>;

/** O(addresses × candidates). `set` and `remove` are empty where nothing changed. */
export function diffPlans(before: Addresses, after: Addresses): PlanChange {
  return {
    set: [...after].filter(([id, planned]) => !samePlan(before.get(id), planned)),
    remove: [...before.keys()].filter((id) => !after.has(id)),
  };
}

function samePlan(a: PlannedAddress | undefined, b: PlannedAddress): boolean {
  return (
    a !== undefined &&
    a.pool === b.pool &&
    a.onConflict === b.onConflict &&
    sameList(a.services, b.services, Object.is) &&
    sameList(
      a.candidates,
      b.candidates,
      (x, y) =>
        x.node === y.node &&
        x.tier === y.tier &&
        x.weight === y.weight &&
        sameList(x.interfaces, y.interfaces, Object.is),
    ) &&
    sameList([...a.standings], [...b.standings], ([n, s], [m, t]) => n === m && s === t)
  );
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((each, at) => same(each, b[at] as T));
}
