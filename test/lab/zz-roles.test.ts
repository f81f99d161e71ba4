/**
 * Least privilege, held in both directions: over all that the tests before this
 * one did, the apiserver refused neither workload anything, and no grant was
 * left unused. Its name puts it last.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildOffline, kustomizeFolder, manifestsOf } from '../delivery/built.ts';
import { compare, grantsOf } from '../delivery/grants.ts';
import { testLab } from './cluster.ts';

const lab = testLab();

for (const account of ['controller', 'speaker']) {
  test(`service account ${account} was refused nothing and needed every grant`, async () => {
    const manifests = manifestsOf(await buildOffline(`${kustomizeFolder}/overlays/lab`));
    const user = `system:serviceaccount:metallb-system:${account}`;
    const { unused, forbidden } = compare(lab.requests(), user, grantsOf(manifests, account));
    assert.deepEqual(forbidden, [], 'requests that the apiserver refused');
    assert.deepEqual(unused, [], 'grants that nothing needed');
  });
}
