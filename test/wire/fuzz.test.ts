/** A million random and mutated frames and heartbeats: each has its outcome, none an exception. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcementFrames, answerFrame, probeFrame } from '../../src/core/l2/frames.ts';
import { Layer2, type Layer2Output } from '../../src/core/l2/layer2.ts';
import { formatAddress } from '../../src/core/net/address.ts';
import { decodeSpeakerMessage, encodeSpeakerMessage, type SpeakerBody } from '../../src/core/wire/speaker-message.ts';
import { NODE, planned } from './ground.ts';

const ROUNDS = 500_000;
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const LINK = { index: 2, name: 'eth0', mac: { value: 2 }, isUp: true, canAnnounce: true, prefixes: [] };
const V4 = planned('192.0.2.10', { onConflict: 'Yield' });
const V6 = planned('2001:db8::10');
const STRANGER = { value: 0x02_00_00_00_00_ee };

/** Whole numbers below a bound that the seed repeats: xorshift32. */
function dice(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutate(bytes: Uint8Array, roll: (below: number) => number): Uint8Array {
  const copy = bytes.slice(0, roll(8) === 0 ? roll(bytes.length + 1) : bytes.length);
  for (let count = roll(4); count > 0 && copy.length > 0; count--) copy[roll(copy.length)] = roll(256);
  return copy;
}

function node(): Layer2 {
  const core = new Layer2(NODE, 1_000, 0);
  core.changeLinks([LINK], 0);
  core.changeMembers(['node-b', 'node-c'], 0);
  const set = [V4, V6].map((each): [string, typeof each] => [formatAddress(each.address), each]);
  core.changePlan({ set, remove: [] }, 0);
  return core;
}

/** Nothing that a stranger sends may make a node speak for an address that isn't its own. */
function check(outputs: readonly Layer2Output[]): void {
  for (const output of outputs) if (output.kind === 'send') assert.equal(output.link, LINK.index);
}

test(`${ROUNDS} frames, seed ${SEED}`, () => {
  const roll = dice(SEED);
  const core = node();
  const asker = { mac: STRANGER, address: V4.address };
  const seeds = [
    ...announcementFrames(V4.address, STRANGER),
    ...announcementFrames(V6.address, STRANGER),
    answerFrame(V4.address, STRANGER, asker),
    probeFrame(V4.address, STRANGER),
    probeFrame(V6.address, STRANGER),
  ];
  let now = 0;
  for (let round = 0; round < ROUNDS; round++) {
    now += roll(20);
    const seed = seeds[roll(seeds.length)] ?? new Uint8Array(0);
    const frame = roll(10) === 0 ? Uint8Array.from({ length: roll(90) }, () => roll(256)) : mutate(seed, roll);
    check(core.frame(LINK.index, frame, now));
    if (roll(50) === 0) check(core.tick(now));
  }
});

test(`${ROUNDS} heartbeats, seed ${SEED}`, () => {
  const roll = dice(SEED);
  const core = node();
  const records = [V4, V6].map(({ address }) => ({ address, owner: 'node-b', epoch: 3 }));
  const bodies: readonly SpeakerBody[] = [
    { kind: 'beat', version: 1, wantsAnswer: true, isJoining: true, links: [{ name: 'eth0', mac: STRANGER }] },
    { kind: 'records', version: 1, part: 1, parts: 2, records },
    { kind: 'records', version: 2, part: 0, parts: 0, records },
    { kind: 'ask-records' },
    { kind: 'suspect', node: 'node-c' },
    { kind: 'heard', node: 'node-c', agoMs: 5 },
    { kind: 'death', node: 'node-c', incarnation: 7 },
    { kind: 'death', node: NODE, incarnation: 7 },
    { kind: 'goodbye' },
    { kind: 'stale', node: NODE, incarnation: 9 },
  ];
  let now = 0;
  for (let round = 0; round < ROUNDS; round++) {
    now += roll(20);
    const body = bodies[roll(bodies.length)] ?? { kind: 'goodbye' };
    const message = {
      sender: roll(2) === 0 ? 'node-b' : 'node-c',
      incarnation: 7 + (round >> 8),
      counter: round,
      body,
    };
    const decoded = decodeSpeakerMessage(mutate(encodeSpeakerMessage(message), roll));
    if (decoded.ok) check(core.message(decoded.value, now).outputs);
    if (roll(50) === 0) check(core.tick(now));
    if (roll(5_000) === 0) check(core.stalled(roll(600), now));
  }
});
