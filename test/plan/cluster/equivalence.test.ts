/**
 * What `berth plan` says of random repositories is what a real apiserver with
 * Berth then does. `make bench` draws a thousand; here are those on which the
 * two once differed.
 */
import { after, before, test } from 'node:test';
import { emptyTally, holdAgainst } from './equivalence.ts';
import { openPlanCluster, type PlanCluster } from './plan-cluster.ts';

let cluster: PlanCluster;
before(async () => {
  cluster = await openPlanCluster();
});
after(() => cluster?.close());

for (const seed of [28, 372_388_128, 372_388_185, 865_435_940]) {
  test(`repository ${seed}`, () => holdAgainst(cluster, seed, emptyTally()));
}
