import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backoff } from './backoff.ts';

it('a backoff doubles up to its limit, spreads by jitter, and starts over after a success', () => {
  let random = 1;
  const backoff = new Backoff(100, 1_000, () => random);
  assert.deepEqual(
    [backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()],
    [100, 200, 400, 800, 1_000],
  );
  random = 0;
  assert.equal(backoff.next(), 500, 'never less than half');
  assert.equal(backoff.failures, 6);
  backoff.reset();
  assert.equal(backoff.next(), 50);
  for (let failure = 0; failure < 2_000; failure++) assert.ok(backoff.next() <= 1_000);
});
