import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stableHash } from './stable-hash.ts';

test('the hash never changes: rebuilt clusters depend on it', () => {
  assert.equal(stableHash('team-a/web/public', 256n), 95n);
  assert.equal(stableHash('team-a/web/public', 1n << 64n), 0xeeb4aab07e235e5fn);
  assert.equal(stableHash('team-a/web/public', 1n << 80n), 0xfd70eeb4aab07e235e5fn);
  assert.equal(stableHash('', 1000n), 342n);
});

test('a size of one leaves no choice', () => {
  assert.equal(stableHash('anything', 1n), 0n);
});

/** Services `web-0`, `web-1`, …: names that differ in little, as people write them. */
function spread(size: bigint, count: number): number[] {
  const hits = new Array<number>(Number(size)).fill(0);
  for (let index = 0; index < count; index++) {
    const place = Number(stableHash(`team-a/web-${index}/public`, size));
    hits[place] = (hits[place] ?? 0) + 1;
  }
  return hits;
}

test('names that differ in one digit spread evenly', async (t) => {
  for (const size of [16n, 100n, 256n]) {
    await t.test(`over ${size} addresses`, () => {
      const expected = 400;
      const hits = spread(size, expected * Number(size));
      // Five standard deviations of a fair throw: it is a fixed function, so this either holds for ever or not at all.
      const tolerance = 5 * Math.sqrt(expected);
      for (const hit of hits) assert.ok(Math.abs(hit - expected) < tolerance, `${hit} of ${expected}`);
    });
  }
});

test('letters with the same lowest four bits do not meet in a pool of 16', () => {
  const places = ['a', 'q', '1', 'A', 'Q'].map((letter) => stableHash(letter, 16n));
  assert.ok(new Set(places).size > 1, places.join());
});

test('a pool wider than 64 bits is used in all its width', () => {
  const size = 1n << 80n;
  const quarters = new Set<bigint>();
  for (let index = 0; index < 64; index++) quarters.add(stableHash(`team-a/web-${index}`, size) >> 78n);
  assert.equal(quarters.size, 4);
});
