import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seal, unseal } from './seal.ts';

const key = fc.uint8Array({ minLength: 16, maxLength: 32 });
const bytes = fc.uint8Array({ maxLength: 100 });

test('what is sealed with one of the keys opens, and no damaged byte goes unnoticed', () => {
  fc.assert(
    fc.property(bytes, key, key, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, one, other, at, flip) => {
      const sealed = seal(message, [one]);
      assert.deepEqual(unseal(sealed, [other, one]), message);
      const place = at % sealed.length;
      assert.equal(unseal(sealed.with(place, (sealed[place] ?? 0) ^ flip), [one]), undefined);
    }),
  );
});

test('another cluster’s key opens nothing, and without keys nothing is believed', () => {
  const sealed = seal(Uint8Array.of(1, 2, 3), [Uint8Array.of(1)]);
  assert.equal(unseal(sealed, [Uint8Array.of(2)]), undefined);
  assert.equal(unseal(sealed, []), undefined);
  assert.equal(unseal(sealed.subarray(0, 10), [Uint8Array.of(1)]), undefined);
});
