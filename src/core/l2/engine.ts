/**
 * Layer 2 of one node, without a socket: plan, links and frames go in, frames
 * and reports come out. One instance owns the state of all addresses; it does
 * no I/O and reads no clock.
 */
import { elect } from '../announce/election.ts';
import { type Address, formatAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Millis } from '../time.ts';
import { Counters } from './counters.ts';
import { answerFrame } from './frames.ts';
import { HeldAddress } from './held-address.ts';
import { chooseLinks, type Link } from './link.ts';
import type { Output } from './output.ts';
import type { PlanChange } from './plan-change.ts';
import { readSighting, type Sighting } from './sighting.ts';

export class Engine {
  readonly counters = new Counters();
  readonly #node: string;
  readonly #held = new Map<string, HeldAddress>();
  #links: ReadonlyMap<number, Link> = new Map();
  #ownMacs: ReadonlySet<number> = new Set();
  #wakeAt: Millis = Number.POSITIVE_INFINITY;

  constructor(node: string) {
    this.#node = node;
  }

  /** When to call `tick` at the latest; infinite where nothing is due. */
  get wakeAt(): Millis {
    return this.#wakeAt;
  }

  /** Addresses whose frames must reach the engine on a link. */
  interest(link: number): readonly Address[] {
    const heard = [...this.#held.values()].filter((each) => each.claim.phase !== 'silent' && each.isOn(link));
    return heard.map((each) => each.planned.address);
  }

  /** Addresses that this node answers for. */
  answered(): readonly Address[] {
    return [...this.#held.values()].filter((each) => each.isAnswered).map((each) => each.planned.address);
  }

  /** Takes over a change of the plan. Addresses that are lost fall silent before new ones speak. */
  changePlan(change: PlanChange, now: Millis): readonly Output[] {
    const outputs: Output[] = [];
    for (const id of change.remove) {
      if (this.#held.delete(id)) outputs.push({ kind: 'report', report: { kind: 'forgotten', address: id } });
    }
    for (const [id, planned] of change.set) {
      const held = this.#held.get(id);
      if (held === undefined) this.#held.set(id, new HeldAddress(id, planned));
      else held.planned = planned;
    }
    for (const [id] of change.set) outputs.push(...this.#elect(this.#held.get(id), now));
    return this.#finish(outputs);
  }

  /** Takes over the interfaces as they are now. */
  changeLinks(links: readonly Link[], now: Millis): readonly Output[] {
    this.#links = new Map(links.map((each) => [each.index, each]));
    this.#ownMacs = new Set(links.map((each) => each.mac.value));
    return this.#finish([...this.#held.values()].flatMap((held) => this.#elect(held, now)));
  }

  /** Lets what is due happen. */
  tick(now: Millis): readonly Output[] {
    if (now < this.#wakeAt) return [];
    return this.#finish([...this.#held.values()].flatMap((held) => held.apply({ kind: 'time' }, now)));
  }

  /** Reads one frame that arrived on a link. */
  frame(index: number, bytes: Uint8Array, now: Millis): readonly Output[] {
    const link = this.#links.get(index);
    const sighting = readSighting(bytes);
    if (!sighting.ok) this.counters.ignore(sighting.error);
    else if (link === undefined) this.counters.ignore('not-announced-here');
    else if (this.#ownMacs.has(sighting.value.source.value)) this.counters.ignore('own-frame');
    else return this.#heard(sighting.value, link, now);
    return [];
  }

  #heard({ question, claim }: Sighting, link: Link, now: Millis): readonly Output[] {
    const asked = question && this.#held.get(formatAddress(question.target));
    const claimed = claim && this.#held.get(formatAddress(claim.address));
    if (asked === undefined && claimed === undefined) this.counters.ignore('foreign-target');
    const outputs: Output[] = [];
    if (claim && claimed) outputs.push(...this.#contest(claimed, claim.mac, link, now));
    if (question && asked) outputs.push(...this.#answer(asked, question, link, now));
    return outputs;
  }

  #answer(
    held: HeldAddress,
    { target, asker }: NonNullable<Sighting['question']>,
    link: Link,
    now: Millis,
  ): readonly Output[] {
    this.counters.request(held.id);
    // Two that probe at the same time contest it (RFC 5227, section 2.1.1; RFC 4862, section 5.4.3).
    if (held.claim.phase === 'probing' && asker.address.value === 0n) {
      return this.#contest(held, asker.mac, link, now);
    }
    if (!held.isAnswered || !held.isOn(link.index)) {
      this.counters.ignore('not-announced-here');
      return [];
    }
    this.counters.response(held.id);
    return [{ kind: 'send', link: link.index, frame: answerFrame(target, link.mac, asker) }];
  }

  #contest(held: HeldAddress, mac: Mac, link: Link, now: Millis): readonly Output[] {
    if (this.#ownMacs.has(mac.value)) return [];
    const answer = held.planned.onConflict === 'Defend' ? 'Defend' : 'Yield';
    const contender = { mac, interface: link.name };
    return this.#finish(held.apply({ kind: 'contested', by: 'stranger', answer }, now, contender));
  }

  /** Who shall announce, and what that means here. */
  #elect(held: HeldAddress | undefined, now: Millis): readonly Output[] {
    if (held === undefined) return [];
    const { address, candidates } = held.planned;
    const winner = elect({ address, candidates });
    if (winner === undefined) return held.release('withdrawn', { reason: 'NoCandidate', owner: undefined }, now);
    if (winner.node !== this.#node) {
      const isCandidate = candidates.some((each) => each.node === this.#node);
      const reason = isCandidate ? 'Elsewhere' : 'NotCandidate';
      return held.release('moved', { reason, owner: winner.node }, now);
    }
    const choice = chooseLinks(address, winner.interfaces, [...this.#links.values()]);
    if (choice.kind === 'none') return held.release('withdrawn', { reason: choice.reason, owner: this.#node }, now);
    const outputs = held.take(choice.links, false, now);
    if (choice.isOnSubnet || outputs.length === 0) return outputs;
    const interfaces = choice.links.map((each) => each.name);
    return [...outputs, { kind: 'report', report: { kind: 'off-subnet', address: held.id, interfaces } }];
  }

  /** After state may have changed: counts what is announced, finds when to wake, and has the shell listen before it sends. */
  #finish(outputs: readonly Output[]): readonly Output[] {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (const { claim } of this.#held.values()) {
      if (claim.wakeAt !== undefined && claim.wakeAt < this.#wakeAt) this.#wakeAt = claim.wakeAt;
    }
    return [{ kind: 'listen' }, ...outputs];
  }
}
