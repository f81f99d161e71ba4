import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '../core/api/kubernetes.ts';
import type { Claim } from '../core/ipam/ledger.ts';
import { type Release, Releases } from './releases.ts';

const release = (name: string, at: number): Release => ({
  claim: { key: `a/${name}` } as Claim,
  addresses: [],
  previous: { metadata: { name } } as Service,
  at,
});
const names = (found: readonly Release[]): string[] => found.map(({ claim }) => claim.key);

describe('releases', () => {
  it('tells those that came after a count', () => {
    const releases = new Releases();
    releases.add(release('one', 0));
    const seen = releases.count;
    releases.add(release('two', 10));
    assert.deepEqual(names(releases.after(seen, 10)), ['a/two']);
    assert.deepEqual(names(releases.after(0, 10)), ['a/one', 'a/two']);
    assert.deepEqual(names(releases.after(releases.count, 10)), []);
  });

  it('forgets what is two minutes old, and counts on', () => {
    const releases = new Releases();
    releases.add(release('one', 0));
    releases.add(release('two', 60_000));
    releases.add(release('three', 120_000));
    assert.equal(releases.count, 3);
    assert.deepEqual(names(releases.after(0, 120_000)), ['a/two', 'a/three']);
    assert.deepEqual(names(releases.after(2, 120_000)), ['a/three']);
    assert.deepEqual(names(releases.after(0, 900_000)), []);
    assert.equal(releases.count, 3);
  });
});
