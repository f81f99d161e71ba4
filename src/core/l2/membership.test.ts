import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SpeakerMessage } from '../wire/speaker-message.ts';
import { BEAT_EVERY_MS } from './beat.ts';
import { type MemberOutput, Membership } from './membership.ts';

const NAMES = ['a', 'b', 'c'];

/**
 * Runs three nodes that started at different moments, each with a clock of its
 * own, on a wire that takes less than a millisecond. Returns when each was busy.
 */
function busyTimes(forMs: number): ReadonlyMap<string, ReadonlySet<number>> {
  const nodes = NAMES.map((name, at) => ({ name, node: new Membership(name, 1, 0), start: at * 17 }));
  const busy = new Map(NAMES.map((name) => [name, new Set<number>()]));
  let wire: { to: string; message: SpeakerMessage }[] = [];
  for (let now = 0; now < forMs; now++) {
    for (const { name, node, start } of nodes) {
      const own = now - start;
      const carry = (outputs: readonly MemberOutput[]): void => {
        for (const each of outputs) {
          if (each.kind !== 'send') continue;
          busy.get(name)!.add(now);
          wire.push({ to: each.to, message: each.message });
        }
      };
      if (own < 0) continue;
      if (own === 0) carry(node.setMembers(NAMES, own));
      const arrived = wire.filter((each) => each.to === name);
      wire = wire.filter((each) => !arrived.includes(each));
      if (arrived.length > 0) busy.get(name)!.add(now);
      for (const { message } of arrived) carry(node.receive(message, own).outputs);
      if (arrived.length > 0 || own >= node.wakeAt) carry(node.tick(own));
    }
  }
  return busy;
}

describe('membership', () => {
  it('beats together with its peers, as often as ever', () => {
    const [from, until] = [2_000, 4_000];
    const beats = (until - from) / BEAT_EVERY_MS;
    const turns = [...busyTimes(until).values()].map((times) => [...times].filter((each) => each >= from).length);
    // For each node one with its own beat and one with those of the others; apart, it would be three.
    const all = turns.reduce((sum, each) => sum + each, 0);
    assert.ok(turns.every((each) => each >= beats) && all <= 2 * NAMES.length * beats + NAMES.length, `${turns} turns`);
  });
});
