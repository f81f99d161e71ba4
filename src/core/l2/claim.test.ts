import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  answers,
  type Claim,
  type ClaimAction,
  type ClaimEvent,
  type Phase,
  SILENT,
  step,
  TRANSITIONS,
} from './claim.ts';

/** Steps through events; `at` moves the clock, and `time` is offered at each. */
function course(events: readonly (readonly [at: number, event: ClaimEvent])[]): {
  readonly claim: Claim;
  readonly actions: readonly (readonly [number, ClaimAction])[];
} {
  let claim = SILENT;
  const actions: [number, ClaimAction][] = [];
  for (const [at, event] of events) {
    const next = step(claim, event, at);
    claim = next.claim;
    actions.push(...next.actions.map((each): [number, ClaimAction] => [at, each]));
  }
  return { claim, actions };
}

const ELECTED: ClaimEvent = { kind: 'elected', probe: false };
const ELECTED_UNSURE: ClaimEvent = { kind: 'elected', probe: true };
const TIME: ClaimEvent = { kind: 'time' };
const STRANGER: ClaimEvent = { kind: 'contested', by: 'stranger', answer: 'Defend' };
const STRANGER_YIELD: ClaimEvent = { kind: 'contested', by: 'stranger', answer: 'Yield' };
const PEER: ClaimEvent = { kind: 'contested', by: 'peer', answer: 'Defend' };

test('a new owner answers at once and announces at 0, 50, 150 and 500 ms, then every minute', () => {
  const times = [0, 10, 50, 100, 150, 400, 500, 600, 60_499, 60_500, 120_500];
  const { claim, actions } = course([[0, ELECTED], ...times.map((at) => [at, TIME] as const)]);
  assert.deepEqual(
    actions.map(([at]) => at),
    [0, 50, 150, 500, 60_500, 120_500],
  );
  assert.ok(actions.every(([, action]) => action === 'announce'));
  assert.equal(claim.phase, 'owning');
});

test('where an old owner may live three probes go out 100 ms apart, and silence frees the address', () => {
  const times = [0, 100, 200, 299, 300];
  const { claim, actions } = course([[0, ELECTED_UNSURE], ...times.map((at) => [at, TIME] as const)]);
  assert.deepEqual(actions, [
    [0, 'probe'],
    [100, 'probe'],
    [200, 'probe'],
    [300, 'announce'],
  ]);
  assert.equal(claim.phase, 'announcing');
});

test('a late timer loses no step: the next wake-up is counted from now', () => {
  const { actions } = course([
    [0, ELECTED],
    [5_000, TIME],
    [5_050, TIME],
    [5_100, TIME],
    [5_450, TIME],
  ]);
  assert.deepEqual(
    actions.map(([at]) => at),
    [0, 5_000, 5_100, 5_450],
  );
});

interface Row {
  readonly name: string;
  readonly before: readonly (readonly [number, ClaimEvent])[];
  readonly event: readonly [number, ClaimEvent];
  readonly phase: Phase;
  readonly actions: readonly ClaimAction[];
}

const OWNING: readonly (readonly [number, ClaimEvent])[] = [
  [0, ELECTED],
  [50, TIME],
  [150, TIME],
  [500, TIME],
];

const ROWS: readonly Row[] = [
  {
    name: 'somebody found by a probe is left alone and reported',
    before: [[0, ELECTED_UNSURE]],
    event: [2, STRANGER],
    phase: 'yielded',
    actions: ['report-conflict'],
  },
  {
    name: 'another speaker found by a probe is about to hand over',
    before: [[0, ELECTED_UNSURE]],
    event: [2, PEER],
    phase: 'announcing',
    actions: ['announce'],
  },
  {
    name: 'a stranger is contradicted by an owner that defends',
    before: OWNING,
    event: [900, STRANGER],
    phase: 'owning',
    actions: ['report-conflict', 'announce'],
  },
  {
    name: 'a stranger is contradicted once in ten seconds only',
    before: [...OWNING, [900, STRANGER]],
    event: [10_899, STRANGER],
    phase: 'owning',
    actions: [],
  },
  {
    name: 'a stranger that goes on is contradicted again after ten seconds',
    before: [...OWNING, [900, STRANGER]],
    event: [10_900, STRANGER],
    phase: 'owning',
    actions: ['report-conflict', 'announce'],
  },
  {
    name: 'a stranger is given way where the pool says so',
    before: OWNING,
    event: [900, STRANGER_YIELD],
    phase: 'yielded',
    actions: ['report-conflict'],
  },
  {
    name: 'who gave way asks again after a minute',
    before: [...OWNING, [900, STRANGER_YIELD]],
    event: [60_900, TIME],
    phase: 'probing',
    actions: ['probe'],
  },
  {
    name: 'who gave way to what turns out to be a speaker asks again at once',
    before: [...OWNING, [900, STRANGER_YIELD]],
    event: [950, { kind: 'cleared' }],
    phase: 'probing',
    actions: ['probe'],
  },
  {
    name: 'a speaker that lags behind is contradicted without a report',
    before: OWNING,
    event: [900, PEER],
    phase: 'owning',
    actions: ['announce'],
  },
  {
    name: 'an address that moves is still answered',
    before: OWNING,
    event: [900, { kind: 'moved', inSight: false }],
    phase: 'handing-over',
    actions: [],
  },
  {
    name: 'the old owner stops as soon as the new one is heard',
    before: [...OWNING, [900, { kind: 'moved', inSight: false }]],
    event: [910, PEER],
    phase: 'silent',
    actions: [],
  },
  {
    name: 'the old owner stops after a second where the new one is never heard',
    before: [...OWNING, [900, { kind: 'moved', inSight: false }]],
    event: [1_900, TIME],
    phase: 'silent',
    actions: [],
  },
  {
    name: 'an old owner that is elected again goes on',
    before: [...OWNING, [900, { kind: 'moved', inSight: false }]],
    event: [950, ELECTED],
    phase: 'announcing',
    actions: ['announce'],
  },
  {
    name: 'a withdrawn address falls silent at once',
    before: OWNING,
    event: [900, { kind: 'withdrawn' }],
    phase: 'silent',
    actions: [],
  },
  {
    name: 'an address that moves before it was announced falls silent at once',
    before: [[0, ELECTED_UNSURE]],
    event: [2, { kind: 'moved', inSight: false }],
    phase: 'silent',
    actions: [],
  },
  {
    name: 'a link that came back is announced on anew',
    before: OWNING,
    event: [900, { kind: 'link-changed' }],
    phase: 'announcing',
    actions: ['announce'],
  },
  {
    name: 'an owner that is elected once more does nothing',
    before: OWNING,
    event: [900, ELECTED_UNSURE],
    phase: 'owning',
    actions: [],
  },
];

for (const row of ROWS) {
  test(`claim: ${row.name}`, () => {
    const before = course(row.before).claim;
    const { claim, actions } = step(before, row.event[1], row.event[0]);
    assert.equal(claim.phase, row.phase);
    assert.deepEqual(actions, row.actions);
  });
}

const event: fc.Arbitrary<ClaimEvent> = fc.oneof(
  fc.constantFrom<ClaimEvent>(ELECTED, ELECTED_UNSURE, STRANGER, STRANGER_YIELD, PEER, TIME),
  fc.constantFrom<ClaimEvent>(
    { kind: 'cleared' },
    { kind: 'moved', inSight: true },
    { kind: 'moved', inSight: false },
    { kind: 'withdrawn' },
    { kind: 'link-changed' },
  ),
);

test('claim: any course keeps to the table, wakes where it must, and announces only what it answers', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 20_000 }), event), { maxLength: 40 }), (steps) => {
      let claim = SILENT;
      let now = 0;
      for (const [wait, each] of steps) {
        now += wait;
        const next = step(claim, each, now);
        const allowed = TRANSITIONS[claim.phase][each.kind] ?? [];
        assert.ok(next.claim === claim || allowed.includes(next.claim.phase));
        if (next.actions.includes('announce')) assert.ok(answers(next.claim));
        if (!['silent', 'handing-over'].includes(next.claim.phase)) assert.ok(next.claim.wakeAt !== undefined);
        claim = next.claim;
      }
    }),
  );
});
