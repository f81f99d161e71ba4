import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Member, newMember } from './member.ts';
import { DEAD_AFTER_MS, isWell, judge, SUSPECT_AFTER_MS } from './suspicion.ts';

const SIZE = 3;

function silent(over: Partial<Member> = {}): Member {
  return { ...newMember(0), state: 'alive', ...over };
}

test('one that is watched is doubted after 150 ms of silence, another one after seconds', () => {
  assert.equal(isWell(silent(), true, SIZE, SUSPECT_AFTER_MS - 1), true);
  assert.equal(isWell(silent(), true, SIZE, SUSPECT_AFTER_MS), false);
  assert.equal(isWell(silent(), false, SIZE, 2_499), true);
  assert.equal(isWell(silent(), false, SIZE, 2_500), false);
  assert.equal(isWell(silent(), false, 500, 40_000), true, 'a round of 500 takes long');
});

test('silence from before it was watched doesn’t count', () => {
  assert.equal(isWell(silent({ watchedSince: 1_000 }), true, SIZE, 1_100), true);
});

for (const [title, member, others, now, verdict] of [
  ['a first doubt asks', silent(), true, 150, 'ask'],
  ['who was just asked gets a moment', silent({ suspectedAt: 150, doubtedAt: 150 }), true, 199, 'wait'],
  ['and is asked again', silent({ suspectedAt: 150, doubtedAt: 150 }), true, 200, 'ask'],
  ['dead where nobody hears it', silent({ suspectedAt: 150, doubtedAt: 240 }), true, DEAD_AFTER_MS, 'condemn'],
  ['not before it was doubted at all', silent(), true, 10_000, 'ask'],
  ['not before others could answer', silent({ suspectedAt: 240, doubtedAt: 240 }), true, 260, 'wait'],
  ['at once where there is nobody to ask', silent({ suspectedAt: 240, doubtedAt: 240 }), false, 260, 'condemn'],
  [
    'not while another one hears it',
    silent({ suspectedAt: 150, doubtedAt: 300, heardElsewhereAt: 290 }),
    true,
    320,
    'wait',
  ],
] as const) {
  test(`${title}`, () => {
    assert.equal(judge(member, true, others, SIZE, now), verdict);
  });
}
