/** What `berth plan` says of 1,000 random repositories, against what a real apiserver with Berth then does. */
import { emptyTally, firstSeed, holdAgainst } from '../../test/plan/cluster/equivalence.ts';
import { openPlanCluster } from '../../test/plan/cluster/plan-cluster.ts';
import { type Figure, round, spread } from '../figure.ts';
import type { MeasureOptions } from '../measure.ts';

/** A control plane each, so that a long run doesn't pay for its own leftovers. */
const PER_CLUSTER = 100;

export async function planEquivalence({ quick }: MeasureOptions): Promise<Figure[]> {
  const repositories = quick ? 20 : 1000;
  const first = firstSeed();
  console.error(`bench: seeds ${first} to ${first + repositories - 1} (BERTH_PLAN_SEED=${first})`);
  const tally = emptyTally();
  let held = 0;
  for (let begin = 0; begin < repositories; begin += PER_CLUSTER) {
    const cluster = await openPlanCluster();
    try {
      for (let index = begin; index < Math.min(begin + PER_CLUSTER, repositories); index += 1) {
        if (await holds(cluster, first + index, tally)) held += 1;
      }
    } finally {
      await cluster.close();
    }
  }
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

async function holds(
  cluster: Parameters<typeof holdAgainst>[0],
  seed: number,
  tally: ReturnType<typeof emptyTally>,
): Promise<boolean> {
  try {
    await holdAgainst(cluster, seed, tally);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`bench: ${error.message}`);
    return false;
  }
}

function figure(name: string, unit: string, value: number, goal: string, met: boolean): Figure {
  return { name, unit, berth: spread([value]), floor: undefined, peers: {}, goal, met };
}
