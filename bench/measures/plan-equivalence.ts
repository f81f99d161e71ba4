/** What `berth plan` says of 1,000 random repositories, against what a real apiserver with Berth then does. */
import { emptyTally, firstSeed, holdAgainst, type Tally } from '../../test/plan/cluster/equivalence.ts';
import { openPlanCluster } from '../../test/plan/cluster/plan-cluster.ts';
import { type Figure, round, spread } from '../figure.ts';
import type { MeasureOptions } from '../measure.ts';

/** A control plane each, so that a long run doesn't pay for its own leftovers. */
const PER_CLUSTER = 50;
/** Clusters at once: most of the time is the controller's own waiting before it tells bad news. */
const LANES = 4;

export async function planEquivalence({ quick }: MeasureOptions): Promise<Figure[]> {
  const repositories = quick ? 20 : 1000;
  const first = firstSeed();
  console.error(`bench: seeds ${first} to ${first + repositories - 1} (BERTH_PLAN_SEED=${first})`);
  const tally = emptyTally();
  let held = 0;
  let next = first;
  const lane = async (): Promise<void> => {
    while (next < first + repositories) {
      const begin = next;
      const end = Math.min(begin + PER_CLUSTER, first + repositories);
      next = end;
      const more = await heldOn(begin, end, tally);
      held += more;
      console.error(`bench: ${held} of ${repositories} held so far`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const foreseen = (100 * (tally.services - tally.unknown)) / Math.max(1, tally.services);
  return [
    figure(
      'plan equals cluster',
      'repositories',
      held,
      `${repositories} of ${repositories} (${held})`,
      held === repositories,
    ),
    figure(
      'plan foresees',
      '% of Services',
      foreseen,
      `≥ 80 % (${round(foreseen)} %), the rest is said to be unknown`,
      foreseen >= 80,
    ),
  ];
}

/** How many of the repositories from one seed up to another hold, on a cluster of their own. */
async function heldOn(begin: number, end: number, tally: Tally): Promise<number> {
  const cluster = await openPlanCluster();
  let held = 0;
  try {
    for (let seed = begin; seed < end; seed += 1) {
      try {
        await holdAgainst(cluster, seed, tally);
        held += 1;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        console.error(`bench: ${error.message}`);
      }
    }
  } finally {
    await cluster.close();
  }
  return held;
}

function figure(name: string, unit: string, value: number, goal: string, met: boolean): Figure {
  return { name, unit, berth: spread([value]), floor: undefined, peers: {}, goal, met };
}
