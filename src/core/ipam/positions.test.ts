import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allPositions, positionsWithoutBuggy } from './positions.ts';

test('addresses that are given stand in one unbroken row', () => {
  let next = positionsWithoutBuggy.of(1n);
  for (let value = 0n; value < 1024n; value++) {
    const octet = value % 256n;
    if (octet === 0n || octet === 255n) {
      assert.equal(positionsWithoutBuggy.of(value), undefined);
    } else {
      assert.equal(positionsWithoutBuggy.of(value), next);
      next = (next ?? 0n) + 1n;
    }
  }
});

test('a position and its address name each other, and the nearest ones are found', () => {
  const value = fc.oneof(
    fc.bigInt(0n, 0xffffffffn),
    fc.bigInt(0n, 0xffffffn).map((block) => block * 256n),
    fc.bigInt(0n, 0xffffffn).map((block) => block * 256n + 255n),
  );
  fc.assert(
    fc.property(value, (asked) => {
      for (const positions of [allPositions, positionsWithoutBuggy]) {
        const position = positions.of(asked);
        if (position !== undefined) assert.equal(positions.at(position), asked);
        let above = asked;
        while (positions.of(above) === undefined) above++;
        assert.equal(positions.atOrAbove(asked), positions.of(above));
        let below = asked;
        while (below >= 0n && positions.of(below) === undefined) below--;
        assert.equal(positions.atOrBelow(asked), below < 0n ? -1n : positions.of(below));
      }
    }),
  );
});
