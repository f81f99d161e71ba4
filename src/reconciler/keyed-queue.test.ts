import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { KeyedQueue, type Verdict } from './keyed-queue.ts';

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'the condition came in time');
    await sleep(2);
  }
}

const noting =
  (keys: string[]) =>
  (key: string): Verdict => {
    keys.push(key);
    return 'done';
  };
const unexpected = (key: string, error: unknown): never => assert.fail(`${key}: ${String(error)}`);

describe('keyed queue', () => {
  it('starts in the very turn in which it is asked', () => {
    const started: string[] = [];
    const queue = new KeyedQueue({ work: noting(started), onError: unexpected });
    queue.now('a');
    queue.now('b');
    assert.deepEqual(started, ['a', 'b']);
    assert.equal(queue.size, 0);
  });

  it('does one piece of work a key at a time, and once more if asked meanwhile', async () => {
    const started: string[] = [];
    const gates: PromiseWithResolvers<Verdict>[] = [];
    const queue = new KeyedQueue({
      work(key) {
        started.push(key);
        const gate = Promise.withResolvers<Verdict>();
        gates.push(gate);
        return gate.promise;
      },
      onError: unexpected,
    });
    queue.now('a');
    queue.now('a');
    queue.later('a');
    queue.now('b');
    await turn();
    assert.deepEqual(started, ['a', 'b']);
    gates[0]?.resolve('done');
    await turn();
    assert.deepEqual(started, ['a', 'b', 'a']);
    gates[2]?.resolve('done');
    gates[1]?.resolve('done');
    await until(() => queue.size === 0);
    assert.deepEqual(started, ['a', 'b', 'a']);
  });

  it('lets a key that fails wait for itself alone', async () => {
    let failing = true;
    let attempts = 0;
    const done: string[] = [];
    const queue = new KeyedQueue({
      work(key) {
        if (key === 'bad' && failing) {
          attempts++;
          return 'retry';
        }
        done.push(key);
        return 'done';
      },
      onError: unexpected,
      firstBackoffMs: 5,
      longestBackoffMs: 10,
    });
    queue.now('bad');
    for (let number = 0; number < 100; number++) queue.now(`good-${number}`);
    assert.equal(done.length, 100);
    assert.equal(queue.failures('bad'), 1);
    await until(() => attempts >= 4);
    failing = false;
    await until(() => done.includes('bad'));
    assert.equal(queue.failures('bad'), 0);
    assert.equal(queue.size, 0);
  });

  it('takes what is thrown for a failure of that key', async () => {
    const errors: string[] = [];
    let rounds = 0;
    const queue = new KeyedQueue({
      work() {
        rounds++;
        if (rounds === 1) throw new Error('at once');
        if (rounds === 2) return Promise.reject(new Error('later'));
        return 'done';
      },
      onError: (key, error) => errors.push(`${key}: ${(error as Error).message}`),
      firstBackoffMs: 1,
    });
    queue.now('a');
    await until(() => rounds === 3);
    assert.deepEqual(errors, ['a: at once', 'a: later']);
  });

  it('keeps background work bounded and behind what is urgent', async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const queue = new KeyedQueue({
      async work(key): Promise<Verdict> {
        order.push(key);
        most = Math.max(most, ++running);
        await turn();
        running--;
        return 'done';
      },
      onError: unexpected,
      background: 4,
    });
    for (let number = 0; number < 50; number++) queue.later(`slow-${number}`);
    queue.now('urgent');
    await until(() => queue.size === 0);
    assert.equal(order[0], 'urgent');
    assert.deepEqual(
      order.slice(1),
      Array.from({ length: 50 }, (_, number) => `slow-${number}`),
    );
    assert.ok(most <= 5);
  });

  it('does background work at once where it turns urgent, and only once', async () => {
    const order: string[] = [];
    const queue = new KeyedQueue({ work: noting(order), onError: unexpected });
    queue.later('a');
    queue.later('b');
    queue.now('b');
    await until(() => queue.size === 0);
    assert.deepEqual(order, ['b', 'a']);
  });

  it('tells when it has caught up with its background work', async () => {
    const order: string[] = [];
    const queue = new KeyedQueue({
      async work(key): Promise<Verdict> {
        await turn();
        order.push(key);
        return 'done';
      },
      onError: unexpected,
    });
    await queue.caughtUp();
    for (let number = 0; number < 40; number++) queue.later(String(number));
    await Promise.all([queue.caughtUp(), queue.caughtUp()]);
    assert.equal(order.length, 40);
    queue.later('x');
    const stopped = queue.caughtUp();
    await queue.stop();
    await stopped;
  });

  it('does work at its time, and only once where it comes up before', async () => {
    const order: string[] = [];
    const queue = new KeyedQueue({ work: noting(order), onError: unexpected });
    queue.after('a', 5);
    queue.after('b', 5);
    queue.after('c', 600_000);
    queue.now('b');
    queue.forget('c');
    await until(() => order.length === 2);
    await sleep(20);
    assert.deepEqual(order, ['b', 'a']);
    assert.equal(queue.size, 0);
  });

  it('stops when what is under way has ended, and begins nothing after', async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<Verdict>();
    const queue = new KeyedQueue({
      work(key) {
        order.push(key);
        return key === 'a' ? gate.promise : 'retry';
      },
      onError: unexpected,
      firstBackoffMs: 1,
    });
    queue.now('a');
    queue.now('b');
    queue.later('c');
    let stopped = false;
    const stop = queue.stop().then(() => {
      stopped = true;
    });
    await sleep(10);
    assert.ok(!stopped);
    gate.resolve('retry');
    await stop;
    queue.now('d');
    await sleep(10);
    assert.deepEqual(order, ['a', 'b']);
    await queue.stop();
  });
});
