import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Limiter } from './limiter.ts';

describe('limiter', () => {
  it('runs at most so many at once, in order, and hands its places on after failures too', async () => {
    const limiter = new Limiter(3);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const work = Array.from({ length: 3_000 }, (_, index) =>
      limiter
        .run(async () => {
          order.push(index);
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
          if (index % 5 === 0) throw new Error('no luck');
        })
        .catch((error: unknown) => assert.match(String(error), /no luck/)),
    );
    await Promise.all(work);
    assert.equal(most, 3);
    assert.deepEqual(
      order,
      Array.from({ length: 3_000 }, (_, index) => index),
    );
  });

  it('starts at once where there is a place', () => {
    let started = false;
    void new Limiter(1).run(async () => {
      started = true;
    });
    assert.ok(started);
  });
});
