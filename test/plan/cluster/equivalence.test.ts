/** What `berth plan` says of random repositories is what a real apiserver with Berth then does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { emptyTally, firstSeed, holdAgainst } from './equivalence.ts';
import { openPlanCluster, type PlanCluster } from './plan-cluster.ts';

/** The same ones in each run, so that a change is what breaks it; `make bench` draws a thousand others. */
const [FIRST, REPOSITORIES] = [1, 100];

let cluster: PlanCluster;
before(async () => {
  cluster = await openPlanCluster();
});
after(() => cluster?.close());

/** Repositories on which plan and cluster once differed, by their seeds. */
for (const seed of [28, 372_388_128, 372_388_185, 865_435_940]) {
  test(`repository ${seed}, on which they once differed`, () => holdAgainst(cluster, seed, emptyTally()));
}

test(`${REPOSITORIES} random repositories`, async () => {
  const first = firstSeed(FIRST);
  console.error(`equivalence: BERTH_PLAN_SEED=${first} repeats this run`);
  const tally = emptyTally();
  for (let seed = first; seed < first + REPOSITORIES; seed += 1) await holdAgainst(cluster, seed, tally);
  // Who says "unknown" of everything is never wrong.
  assert.ok(tally.unknown < tally.services / 2, JSON.stringify(tally));
});
