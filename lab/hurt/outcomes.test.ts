import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectOutcome, parseRecord, summarize } from './outcomes.ts';

const at = (time: number, outcome: ConnectOutcome['outcome'], tookMs = 1): ConnectOutcome => ({
  at: time,
  tookMs,
  outcome,
});

test('an outage is the time between the two successes around it', () => {
  const summary = summarize([at(0, 'ok'), at(10, 'ok'), at(20, 'timeout', 1000), at(30, 'refused'), at(500, 'ok', 5)]);
  assert.deepEqual(summary, {
    attempts: 5,
    failed: 2,
    longestGapMs: 494,
    longestGapFrom: 11,
    firstSuccess: 1,
    lastSuccess: 505,
    outcomes: { ok: 3, timeout: 1, refused: 1 },
  });
});

test('attempts are put in order of their beginning, and those before the time asked for are left out', () => {
  const summary = summarize([at(50, 'ok'), at(40, 'reset'), at(10, 'ok')], 40);
  assert.equal(summary.attempts, 2);
  assert.equal(summary.failed, 1);
  assert.equal(summary.longestGapMs, undefined);
});

test('a record without a success has no gap and no first success', () => {
  const { longestGapMs, firstSuccess, failed } = summarize([at(0, 'timeout'), at(1, 'unreachable')]);
  assert.deepEqual(
    { longestGapMs, firstSuccess, failed },
    { longestGapMs: undefined, firstSuccess: undefined, failed: 2 },
  );
});

test('a line that is still being written is left out of a record', () => {
  const record = parseRecord(`${JSON.stringify(at(1, 'ok'))}\n{"at":2,"took`);
  assert.deepEqual(record, [at(1, 'ok')]);
});
