import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FailoverLog, GATHER_FAILOVERS_MS, MOST_FAILOVERS, MOST_NAMED } from './failover-log.ts';

const died = { from: 'a', to: 'b', cause: 'OwnerDied', detectedAfterMs: 250 } as const;

test('what a dead node leaves at once is one failover, with the longest silence', () => {
  const log = new FailoverLog();
  log.add({ ...died, at: 1_000, address: '192.0.2.1', restoredAfterMs: 251 });
  log.add({ ...died, at: 1_040, address: '192.0.2.2', restoredAfterMs: 290 });
  const addresses = ['192.0.2.1', '192.0.2.2'];
  assert.deepEqual(log.failovers, [{ ...died, at: 1_000, restoredAfterMs: 290, count: 2, addresses }]);
});

test('another node, another cause and another time are failovers of their own', () => {
  const log = new FailoverLog();
  const one = { ...died, at: 1_000, address: '192.0.2.1', restoredAfterMs: 251 };
  log.add(one);
  log.add({ ...one, from: 'c' });
  log.add({ ...one, cause: 'Moved', detectedAfterMs: undefined, restoredAfterMs: undefined });
  log.add({ ...one, at: 1_000 + GATHER_FAILOVERS_MS });
  assert.deepEqual(
    log.failovers.map(({ from, cause, count }) => `${from} ${cause} ${count}`),
    ['a OwnerDied 1', 'c OwnerDied 1', 'a Moved 1', 'a OwnerDied 1'],
  );
});

test('the record is bounded, keeps the latest, and goes on from what was remembered', () => {
  const event = fc.record({
    at: fc.nat({ max: 1_000_000 }),
    from: fc.constantFrom('a', 'c', 'd'),
    address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 400 }), (events) => {
      let log = new FailoverLog();
      for (const [at, each] of events.entries()) {
        log.add({ ...died, ...each, restoredAfterMs: 260 });
        if (at % 50 === 0) log = new FailoverLog(JSON.parse(JSON.stringify(log.failovers)));
        const last = log.failovers.findLast(({ from }) => from === each.from);
        assert.ok(last !== undefined && last.at <= each.at);
      }
      assert.ok(log.failovers.length <= MOST_FAILOVERS);
      for (const { count, addresses } of log.failovers) {
        assert.equal(addresses.length, Math.min(count, MOST_NAMED));
      }
    }),
    { numRuns: 50 },
  );
});
