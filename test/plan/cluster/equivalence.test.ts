/**
 * What `berth plan` says of random repositories is what a real apiserver with
 * Berth then does. Here are the same hundred in each run, so that a change is
 * what breaks it, and those on which the two once differed; `make bench` draws
 * a thousand others. BERTH_PLAN_SEED=n begins at another seed.
 */
import { after, before, describe, test } from 'node:test';
import { emptyTally, firstSeed, holdAgainst } from './equivalence.ts';
import { openPlanCluster, type PlanCluster } from './plan-cluster.ts';

const REPOSITORIES = 100;
const ONCE_DIFFERED = [452, 690, 1044, 372_388_128, 372_388_185, 865_435_940];
/** Clusters at once: most of the time is the controller's own waiting before it tells bad news. */
const LANES = 2;

const first = firstSeed(1);
const seeds = [...ONCE_DIFFERED, ...Array.from({ length: REPOSITORIES }, (_, index) => first + index)];

describe('random repositories', { concurrency: LANES }, () => {
  for (let lane = 0; lane < LANES; lane += 1) {
    describe(`on cluster ${lane + 1} of ${LANES}`, { concurrency: 1 }, () => {
      let cluster: PlanCluster;
      before(async () => {
        cluster = await openPlanCluster();
      });
      after(() => cluster?.close());
      for (const seed of seeds.filter((_, index) => index % LANES === lane)) {
        test(`repository ${seed}`, () => holdAgainst(cluster, seed, emptyTally()));
      }
    });
  }
});
