/**
 * Layer 2 of one node, without a socket: plan, links, peers and frames go in;
 * frames, ownership and reports come out. One instance owns the state of all
 * addresses; it does no I/O and reads no clock.
 */
import type { Candidate } from '../announce/candidate.ts';
import { elect } from '../announce/election.ts';
import { type Address, formatAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Millis } from '../time.ts';
import type { OwnerRecord } from '../wire/speaker-message.ts';
import { Counters } from './counters.ts';
import { answerFrame } from './frames.ts';
import { HeldAddress, type Origin } from './held-address.ts';
import { chooseLinks, type Link } from './link.ts';
import type { Output, Silence } from './output.ts';
import { Ownership } from './ownership.ts';
import { hasInterface, type Peers } from './peers.ts';
import type { PlanChange } from './plan-change.ts';
import { readSighting, type Sighting } from './sighting.ts';
import { chooseSurplus } from './surplus.ts';

const REVIEW_EVERY_MS = 2_000;
/** Shares are evened out only after nobody has come or gone for so long. */
const BALANCE_AFTER_MS = 10_000;

export class Engine {
  readonly counters = new Counters();
  readonly #node: string;
  readonly #ownership = new Ownership();
  readonly #held = new Map<string, HeldAddress>();
  #links: ReadonlyMap<number, Link> = new Map();
  #upLinks: readonly Link[] = [];
  #ownMacs: ReadonlySet<number> = new Set();
  /** Undefined where speakers don't hear each other: then every candidate counts as able. */
  #peers: Peers | undefined;
  #peerMacs: ReadonlySet<number> = new Set();
  /** Sum of all changes of what is worth hearing, and those of addresses that are gone. */
  #interest = 0;
  #forgotten = 0;
  #isDraining = false;
  #reviewAt: Millis = 0;
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

  /** What a node owns as far as known here. */
  ownedBy(node: string): readonly OwnerRecord[] {
    return this.#ownership.ownedBy(node);
  }

  /** Interfaces that can announce now: what the peers are told. */
  get upLinks(): readonly Link[] {
    return this.#upLinks;
  }

  /** Takes over a change of the plan. Addresses that are lost fall silent before new ones speak. */
  changePlan(change: PlanChange, now: Millis): readonly Output[] {
    const outputs: Output[] = [];
    for (const id of change.remove) {
      const held = this.#held.get(id);
      if (held === undefined) continue;
      this.#held.delete(id);
      this.#ownership.forget(id);
      // Counted on, so that the sum of changes never comes back to where it was.
      this.#forgotten += held.interestChanges + 1;
      outputs.push({ kind: 'report', report: { kind: 'forgotten', address: id } });
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
    this.#upLinks = links.filter((each) => each.isUp && each.canAnnounce);
    this.#ownMacs = new Set(links.map((each) => each.mac.value));
    return this.#electAll(now);
  }

  /** Takes over who lives and what he can. */
  changePeers(peers: Peers, now: Millis): readonly Output[] {
    this.#peers = peers;
    this.#peerMacs = new Set(peers.macs.map((each) => each.value));
    const cleared = [...this.#held.values()].flatMap((held) => {
      const mac = held.yieldedTo;
      return mac !== undefined && this.#peerMacs.has(mac.value) ? held.apply({ kind: 'cleared' }, now) : [];
    });
    return [...cleared, ...this.#electAll(now)];
  }

  /** Takes in what a peer says about who owns what. */
  mergeRecords(from: string, records: readonly OwnerRecord[], now: Millis): readonly Output[] {
    const outputs: Output[] = [];
    for (const record of records) {
      const before = this.#ownership.get(formatAddress(record.address))?.owner;
      if (!this.#ownership.merge(record)) {
        outputs.push(...this.#correct(from, record, now));
        continue;
      }
      const held = this.#held.get(formatAddress(record.address));
      if (held === undefined) continue;
      // Given by who had it; a peer that only reminds this node of what it owned gives nothing.
      if (record.owner === this.#node) outputs.push(...this.#elect(held, now, before === from ? from : undefined));
      else outputs.push(...this.#giveWay(held, from, record, now));
    }
    return this.#finish(outputs);
  }

  /**
   * A later epoch counts at once, whatever this node's own election says: two
   * speakers whose plans differ for a moment must not outbid each other.
   */
  #giveWay(held: HeldAddress, from: string, { owner }: OwnerRecord, now: Millis): readonly Output[] {
    const outputs = held.release({ kind: 'moved', inSight: true }, { reason: 'Elsewhere', owner }, now);
    // Who speaks for itself answers already.
    if (owner !== from) return outputs;
    return [...outputs, ...held.apply({ kind: 'contested', by: 'peer', answer: 'Yield' }, now)];
  }

  /** What a peer says is no news here: it may lag behind, have lost a tie, or wait for a word. */
  #correct(from: string, record: OwnerRecord, now: Millis): readonly Output[] {
    const id = formatAddress(record.address);
    const known = this.#ownership.get(id);
    const held = this.#held.get(id);
    if (known === undefined) return this.#afterItsEnd(from, record);
    const isSame = known.owner === record.owner && known.epoch === record.epoch;
    if (isSame && known.owner === from && held?.claim.phase === 'handing-over') {
      return held.apply({ kind: 'contested', by: 'peer', answer: 'Yield' }, now);
    }
    const told: Output = { kind: 'inform', node: from, records: [known] };
    // Whoever hands over to this node waits to hear that it is done.
    if (isSame) return known.owner === this.#node && held?.isAnswered === true ? [told] : [];
    // It announced as well: its listeners are put right too.
    const isContested = record.owner === from && known.owner === this.#node && held?.isAnswered === true;
    return isContested ? [...held.apply({ kind: 'link-changed' }, now), told] : [told];
  }

  /**
   * A peer that hasn't heard yet that an address was given up tells nothing
   * true, unless the address is back and the peer speaks for itself.
   */
  #afterItsEnd(from: string, record: OwnerRecord): readonly Output[] {
    const { address, owner } = record;
    const id = formatAddress(address);
    if (owner !== from || !this.#held.has(id) || !this.#ownership.isOver(record)) return [];
    return [{ kind: 'inform', node: from, records: [this.#ownership.give(id, { address, owner })] }];
  }

  /** A node has told all that it owns. What is believed of it beyond that one of the two has missed something of. */
  reconcile(node: string, owned: readonly OwnerRecord[]): readonly Output[] {
    const listed = new Set(owned.map((each) => formatAddress(each.address)));
    const beyond = this.#ownership.ownedBy(node).filter((each) => !listed.has(formatAddress(each.address)));
    return beyond.length === 0 ? [] : [{ kind: 'inform', node, records: beyond }];
  }

  /** Hands everything over, as far as somebody can take it. Ask `answered` until nothing is left. */
  drain(now: Millis): readonly Output[] {
    this.#isDraining = true;
    return this.#electAll(now);
  }

  /** Lets what is due happen. */
  tick(now: Millis): readonly Output[] {
    if (now < this.#wakeAt || this.#peers?.isJoined === false) return [];
    const due = [...this.#held.values()].filter(({ claim: { wakeAt } }) => wakeAt !== undefined && wakeAt <= now);
    const outputs = due.flatMap((held) => held.apply({ kind: 'time' }, now));
    if (this.#peers !== undefined && now >= this.#reviewAt) outputs.push(...this.#review(now));
    return this.#finish(outputs);
  }

  /** Reads one frame that arrived on a link. */
  frame(index: number, bytes: Uint8Array, now: Millis): readonly Output[] {
    const link = this.#links.get(index);
    const sighting = readSighting(bytes);
    if (!sighting.ok) this.counters.ignore(sighting.error);
    else if (link === undefined) this.counters.ignore('not-announced-here');
    else if (this.#ownMacs.has(sighting.value.source.value)) this.counters.ignore('own-frame');
    // Somebody else may have taken over meanwhile: not one answer before that is known.
    else if (this.#peers?.isJoined === false) this.counters.ignore('suspended');
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
    const by = this.#peerMacs.has(mac.value) ? 'peer' : 'stranger';
    return this.#finish(held.apply({ kind: 'contested', by, answer }, now, { mac, interface: link.name }));
  }

  #electAll(now: Millis): readonly Output[] {
    return this.#finish([...this.#held.values()].flatMap((held) => this.#elect(held, now)));
  }

  /** Who shall announce, and what that means here. */
  #elect(held: HeldAddress | undefined, now: Millis, giver?: string): readonly Output[] {
    if (held === undefined) return [];
    const { address } = held.planned;
    if (this.#peers?.isJoined === false) {
      // What is announced stays as it is, unanswered, until the peers have told who has it.
      if (held.claim.phase !== 'silent') return [];
      return held.release({ kind: 'withdrawn' }, { reason: 'Joining', owner: undefined }, now);
    }
    const record = this.#ownership.get(held.id);
    const winner = elect({ address, candidates: this.#able(held.planned.candidates), present: record?.owner });
    if (winner === undefined) {
      return held.release({ kind: 'withdrawn' }, { reason: this.#whyNobody(held), owner: undefined }, now);
    }
    if (winner.node === this.#node) return this.#take(held, winner, record, this.#originOf(record, giver, now), now);
    return this.#handOver(held, winner.node, record, now);
  }

  #handOver(held: HeldAddress, owner: string, record: OwnerRecord | undefined, now: Millis): readonly Output[] {
    const isCandidate = held.planned.candidates.some((each) => each.node === this.#node);
    const silence = { reason: isCandidate ? 'Elsewhere' : 'NotCandidate', owner } as const;
    const { address } = held.planned;
    // The owner says who is next, so that the two can't differ about it.
    const given: readonly Output[] =
      this.#peers !== undefined && held.isAnswered && record?.owner === this.#node
        ? [{ kind: 'own', records: [this.#ownership.give(held.id, { address, owner })] }]
        : [];
    const canGoOn = held.links.some((link) => this.#links.get(link.index)?.isUp === true);
    const event = canGoOn
      ? { kind: 'moved' as const, inSight: this.#peers !== undefined }
      : { kind: 'withdrawn' as const };
    return [...given, ...held.release(event, silence, now)];
  }

  /** Where this node could announce but for its interfaces, that is the reason to tell. */
  #whyNobody(held: HeldAddress): Silence {
    const self = held.planned.candidates.find((each) => each.node === this.#node);
    if (self === undefined || this.#isDraining) return 'NoCandidate';
    const choice = chooseLinks(held.planned.address, self.interfaces, [...this.#links.values()]);
    return choice.kind === 'none' ? choice.reason : 'NoCandidate';
  }

  #take(
    held: HeldAddress,
    own: Candidate,
    record: OwnerRecord | undefined,
    origin: Origin,
    now: Millis,
  ): readonly Output[] {
    const { address } = held.planned;
    const choice = chooseLinks(address, own.interfaces, [...this.#links.values()]);
    if (choice.kind === 'none') {
      return held.release({ kind: 'withdrawn' }, { reason: choice.reason, owner: this.#node }, now);
    }
    const wasSilent = held.claim.phase === 'silent';
    // Nothing is known of an address without a record: a stranger may have it.
    const probe = this.#peers !== undefined && record === undefined;
    const outputs = [...held.take(choice.links, probe, origin, now)];
    if (this.#peers !== undefined && (wasSilent || record?.owner !== this.#node)) {
      outputs.push({ kind: 'own', records: [this.#ownership.give(held.id, { address, owner: this.#node })] });
    }
    if (choice.isOnSubnet || !wasSilent) return outputs;
    const interfaces = choice.links.map((each) => each.name);
    return [...outputs, { kind: 'report', report: { kind: 'off-subnet', address: held.id, interfaces } }];
  }

  #originOf(record: OwnerRecord | undefined, giver: string | undefined, now: Millis): Origin {
    const from = giver ?? record?.owner;
    if (from === undefined) return { cause: 'New', from, silentMs: undefined };
    if (from === this.#node) return { cause: 'Regained', from: undefined, silentMs: undefined };
    if (this.#peers?.alive.has(from) === true) return { cause: 'Moved', from, silentMs: undefined };
    if (this.#peers?.hasLeft(from) === true) return { cause: 'OwnerLeft', from, silentMs: undefined };
    const heardAt = this.#peers?.lastHeard(from);
    return { cause: 'OwnerDied', from, silentMs: heardAt === undefined ? undefined : now - heardAt };
  }

  /** Candidates whose speaker lives and has an interface for it; this node unless it is about to stop. */
  #able(candidates: readonly Candidate[]): readonly Candidate[] {
    const peers = this.#peers;
    return candidates.filter((each) => {
      if (each.node === this.#node)
        return !this.#isDraining && (peers === undefined || hasInterface(each, this.#upLinks));
      return peers === undefined || (peers.alive.has(each.node) && hasInterface(each, peers.linksOf(each.node)));
    });
  }

  /** Gives addresses away where this node has far more than its share and everything has been quiet for a while. */
  #balance(now: Millis): readonly Output[] {
    const peers = this.#peers;
    if (peers === undefined || this.#isDraining || now - peers.stableSince < BALANCE_AFTER_MS) return [];
    const all = [...this.#held.values()];
    const moves = chooseSurplus(
      this.#node,
      all.map((held) => ({
        address: held.planned.address,
        candidates: this.#able(held.planned.candidates),
        owner: this.#ownership.get(held.id)?.owner,
      })),
    );
    return moves.flatMap(({ at, to }) => {
      const held = all[at];
      const record = held && this.#ownership.get(held.id);
      return held?.isAnswered === true ? this.#handOver(held, to, record, now) : [];
    });
  }

  /** What may have been missed: an election that was right when it was made, and a share that has become too large. */
  #review(now: Millis): readonly Output[] {
    this.#reviewAt = now + REVIEW_EVERY_MS;
    const all = [...this.#held.values()];
    return [
      ...all.flatMap((held) => this.#elect(held, now)),
      ...all.filter((held) => held.claim.phase === 'handing-over').flatMap((held) => this.#remind(held)),
      ...this.#balance(now),
    ];
  }

  /** The successor was not heard: it may not know yet. */
  #remind({ id }: HeldAddress): readonly Output[] {
    const record = this.#ownership.get(id);
    if (record === undefined || record.owner === this.#node) return [];
    return [{ kind: 'inform', node: record.owner, records: [record] }];
  }

  /** After state may have changed: finds when to wake, and has the shell listen before it sends. */
  #finish(outputs: readonly Output[]): readonly Output[] {
    const isSuspended = this.#peers?.isJoined === false;
    this.#wakeAt = this.#peers === undefined || isSuspended ? Number.POSITIVE_INFINITY : this.#reviewAt;
    let interest = 0;
    for (const held of this.#held.values()) {
      const { wakeAt } = held.claim;
      if (!isSuspended && wakeAt !== undefined && wakeAt < this.#wakeAt) this.#wakeAt = wakeAt;
      interest += held.interestChanges;
    }
    interest += this.#forgotten;
    if (interest === this.#interest) return outputs;
    this.#interest = interest;
    return [{ kind: 'listen' }, ...outputs];
  }
}
