/**
 * Which speakers live, found out among themselves: heartbeats in a ring,
 * suspicion, a second opinion, a verdict that is spread at once. No socket,
 * no clock, no key: messages and time go in, messages and verdicts come out.
 */
import { invariant } from '../invariant.ts';
import type { Mac } from '../net/mac.ts';
import type { Millis } from '../time.ts';
import type { OwnerRecord, SpeakerBody, SpeakerMessage } from '../wire/speaker-message.ts';
import { BEAT_EVERY_MS } from './beat.ts';
import { Living } from './living.ts';
import { type Member, newMember, type PeerLink, sameLinks } from './member.ts';
import { RecordParts, splitRecords } from './record-parts.ts';
import { Repeats } from './repeats.ts';
import { DEAD_AFTER_MS, isWell, judge, SUSPECT_AFTER_MS } from './suspicion.ts';

/** How long a speaker that starts, or was away, listens before it speaks for an address. */
export const JOIN_MS = 400;
/**
 * The same, where its link was down and others lived: a switch may not forward yet, and the kernel asks only once a
 * second for the hardware address of a peer (RFC 4861, RETRANS_TIMER; arp(7)).
 */
export const LINK_JOIN_MS = 5_000;
const ASK_EVERY_MS = 100;
/**
 * A beat that is due so soon goes out in the turn that a peer's has begun, and
 * the next one gives that peer a moment to be first again: the nodes of a ring
 * then beat together, and each of them wakes less often.
 */
const BEAT_TOGETHER_MS = BEAT_EVERY_MS / 2;
const FOLLOWS_AFTER_MS = 2;
/** While somebody is suspected. */
const LOOK_EVERY_MS = 10;

export type MemberOutput =
  | { readonly kind: 'send'; readonly to: string; readonly message: SpeakerMessage }
  /** Who lives, or what a peer can do, changed. */
  | { readonly kind: 'changed' }
  /** A verdict, for the log; `silentMs`: since it was last heard by anybody. */
  | {
      readonly kind: 'verdict';
      readonly node: string;
      readonly verdict: 'alive' | 'dead' | 'left';
      readonly silentMs: number;
    }
  | { readonly kind: 'records'; readonly from: string; readonly records: readonly OwnerRecord[] }
  /** A node owns exactly these. */
  | { readonly kind: 'owns'; readonly node: string; readonly records: readonly OwnerRecord[] };

/** Why an authentic message had no effect. */
export type MemberFault = 'unknown-sender' | 'replayed' | 'stale-incarnation' | 'left';

export class Membership {
  readonly #node: string;
  readonly #members = new Map<string, Member>();
  #incarnation: number;
  #counter = 0;
  #version = 0;
  #links: readonly PeerLink[] = [];
  #ownedBy: (node: string) => readonly OwnerRecord[] = () => [];
  readonly #living: Living;
  readonly #repeats = new Repeats();
  #beatAt: Millis = 0;
  /** A peer's beat has come since the last tick. */
  #heardBeat = false;
  #tickedAt: Millis = 0;
  #roundAt = 0;
  /** Undefined: joined. Infinite until it knows whom to listen to. */
  #joiningUntil: Millis | undefined = Number.POSITIVE_INFINITY;
  /** Who lived when the link was lost; undefined: it wasn't. */
  #companions: ReadonlySet<string> | undefined;

  /** @param incarnation The start of this process in ms since 1970. */
  constructor(node: string, incarnation: number, now: Millis) {
    this.#node = node;
    this.#incarnation = incarnation;
    this.#living = new Living(node, now);
  }

  /** Nodes that live, this one included. */
  get alive(): ReadonlySet<string> {
    return this.#living.all;
  }

  /** Since when nobody came or went. */
  get changedAt(): Millis {
    return this.#living.changedAt;
  }

  /** Whether it has listened long enough to know who announces what. */
  get isJoined(): boolean {
    return this.#joiningUntil === undefined;
  }

  /** Interfaces of a peer that can announce; empty for one that doesn't live. */
  linksOf(node: string): readonly PeerLink[] {
    const member = this.#members.get(node);
    return member?.state === 'alive' ? member.links : [];
  }

  /** Hardware addresses of all members, as they last told them. */
  get macs(): readonly Mac[] {
    return [...this.#members.values()].flatMap((member) => member.links.map((link) => link.mac));
  }

  /** When a node was last heard, by anybody. */
  lastHeard(node: string): Millis | undefined {
    const member = this.#members.get(node);
    return member && Math.max(member.heardAt, member.heardElsewhereAt);
  }

  hasLeft(node: string): boolean {
    return this.#members.get(node)?.state === 'left';
  }

  /** Where to read what a node owns, when somebody asks. */
  setOwnership(ownedBy: (node: string) => readonly OwnerRecord[]): void {
    this.#ownedBy = ownedBy;
  }

  /** The other nodes of the cluster, with or without a speaker. */
  setMembers(names: readonly string[], now: Millis): readonly MemberOutput[] {
    const wanted = new Set(names.filter((name) => name !== this.#node));
    const gone = [...this.#members.keys()].filter((name) => !wanted.has(name));
    for (const name of gone) {
      this.#members.delete(name);
      this.#living.set(name, false, now);
    }
    const fresh = [...wanted].filter((name) => !this.#members.has(name));
    for (const name of fresh) this.#members.set(name, newMember(now));
    if (this.#joiningUntil === Number.POSITIVE_INFINITY) this.#joiningUntil = wanted.size === 0 ? now : now + JOIN_MS;
    const greetings = fresh.flatMap((name) => this.#send(name, this.#beat(true)));
    return gone.length > 0 ? [...this.#changed(), ...greetings] : greetings;
  }

  /** What the heartbeats of this node say from now on; at a change everybody is told at once. */
  setLinks(links: readonly PeerLink[]): readonly MemberOutput[] {
    if (links.length === 0 && this.#links.length > 0)
      this.#companions ??= new Set([...this.#living.all].filter((name) => name !== this.#node));
    this.#links = links;
    return this.#broadcast(this.#beat(false));
  }

  /** Tells everybody of changed ownership, and again a moment later. */
  tellRecords(records: readonly OwnerRecord[], now: Millis): readonly MemberOutput[] {
    this.#version++;
    const news = splitRecords(this.#version, records).map((each): SpeakerBody => ({ ...each, part: 0, parts: 0 }));
    this.#repeats.add(news, now);
    return news.flatMap((body) => this.#broadcast(body));
  }

  /** Tells one node what it seems not to know. */
  inform(node: string, records: readonly OwnerRecord[]): readonly MemberOutput[] {
    if (records.length === 0 || !this.#members.has(node)) return [];
    return splitRecords(0, records).flatMap((body) => this.#send(node, { ...body, part: 0, parts: 0 }));
  }

  /** Says goodbye: the others needn't wait for silence. */
  leave(): readonly MemberOutput[] {
    return this.#broadcast({ kind: 'goodbye' });
  }

  /** This process stood still for so long: it was deaf, the others weren't dumb. */
  excuseStall(stalledMs: number, now: Millis): readonly MemberOutput[] {
    for (const member of this.#members.values()) {
      member.heardAt = Math.min(now, member.heardAt + stalledMs);
      member.suspectedAt = undefined;
    }
    // Long enough for the others to have given it up: it asks before it speaks again.
    return stalledMs >= DEAD_AFTER_MS ? this.rejoin(now) : [];
  }

  /** Listens before it speaks again, until everybody has answered or its time is up: it may have been given up meanwhile. */
  rejoin(now: Millis): readonly MemberOutput[] {
    const wait = this.#companions === undefined || this.#companions.size === 0 ? JOIN_MS : LINK_JOIN_MS;
    if (this.#joiningUntil !== Number.POSITIVE_INFINITY) this.#joiningUntil = now + wait;
    // What the others own may have changed without a word reaching this node.
    for (const member of this.#members.values()) member.version = -1;
    return [{ kind: 'changed' }, ...this.#broadcast(this.#beat(true))];
  }

  /** Takes in an authentic message; a fault names why it had no effect. */
  receive(message: SpeakerMessage, now: Millis): { outputs: readonly MemberOutput[]; fault?: MemberFault } {
    const { sender, incarnation, counter, body } = message;
    const member = this.#members.get(sender);
    if (member === undefined) return { outputs: [], fault: 'unknown-sender' };
    if (incarnation < member.incarnation) {
      const known = member.incarnation;
      const reply = this.#send(sender, { kind: 'stale', node: sender, incarnation: known });
      return { outputs: reply, fault: 'stale-incarnation' };
    }
    if (incarnation === member.incarnation && counter <= member.counter) return { outputs: [], fault: 'replayed' };
    if (incarnation === member.incarnation && member.state === 'left') return { outputs: [], fault: 'left' };
    const outputs: MemberOutput[] = [];
    if (incarnation > member.incarnation) {
      member.version = -1;
      member.parts = new RecordParts();
    }
    member.incarnation = incarnation;
    member.counter = counter;
    const silentMs = now - member.heardAt;
    member.heardAt = now;
    member.suspectedAt = undefined;
    if (body.kind !== 'goodbye' && member.state !== 'alive') {
      member.state = 'alive';
      this.#living.set(sender, true, now);
      outputs.push({ kind: 'verdict', node: sender, verdict: 'alive', silentMs }, ...this.#changed());
    }
    outputs.push(...this.#take(sender, member, body, now));
    return { outputs };
  }

  #take(sender: string, member: Member, body: SpeakerBody, now: Millis): readonly MemberOutput[] {
    switch (body.kind) {
      case 'beat':
        return this.#takeBeat(sender, member, body, now);
      case 'records':
        return this.#takeRecords(sender, member, body, now);
      case 'ask-records':
        return this.#sendOwned(sender);
      case 'suspect': {
        const heardAt = this.lastHeard(body.node);
        if (heardAt === undefined || this.#members.get(body.node)?.state !== 'alive') return [];
        return this.#send(sender, { kind: 'heard', node: body.node, agoMs: Math.max(0, Math.round(now - heardAt)) });
      }
      case 'heard': {
        const suspect = this.#members.get(body.node);
        if (suspect) suspect.heardElsewhereAt = Math.max(suspect.heardElsewhereAt, now - body.agoMs);
        return [];
      }
      case 'death':
        return this.#takeDeath(body.node, body.incarnation, now);
      case 'goodbye':
        return this.#bury(sender, member, 'left', now);
      case 'stale':
        // A clock that was set back: this life needs a higher number than the last one.
        if (body.node === this.#node && body.incarnation >= this.#incarnation) {
          this.#incarnation = body.incarnation + 1;
          return this.#broadcast(this.#beat(true));
        }
        return [];
    }
  }

  #takeBeat(
    sender: string,
    member: Member,
    beat: Extract<SpeakerBody, { kind: 'beat' }>,
    now: Millis,
  ): readonly MemberOutput[] {
    const outputs: MemberOutput[] = [];
    this.#heardBeat = true;
    if (!sameLinks(member.links, beat.links)) {
      member.links = beat.links;
      outputs.push(...this.#changed());
    }
    if (beat.wantsAnswer) outputs.push(...this.#send(sender, this.#beat(false)));
    // One that has lost its memory is told what it owns itself.
    if (beat.isJoining && now - member.remindedAt >= ASK_EVERY_MS) {
      member.remindedAt = now;
      outputs.push(...this.inform(sender, this.#ownedBy(sender)));
    }
    if (beat.version !== member.version && now - member.askedAt >= ASK_EVERY_MS) {
      member.askedAt = now;
      outputs.push(...this.#send(sender, { kind: 'ask-records' }));
    }
    return outputs;
  }

  #takeRecords(
    sender: string,
    member: Member,
    body: Extract<SpeakerBody, { kind: 'records' }>,
    now: Millis,
  ): readonly MemberOutput[] {
    if (body.parts === 0 && member.version >= 0 && body.version === member.version + 1) member.version = body.version;
    const outputs: MemberOutput[] = [{ kind: 'records', from: sender, records: body.records }];
    const owned = member.parts.add(body);
    if (owned !== undefined) {
      member.version = body.version;
      outputs.push({ kind: 'owns', node: sender, records: owned });
    }
    return [...outputs, ...this.#joinIfKnown(now)];
  }

  #takeDeath(node: string, incarnation: number, now: Millis): readonly MemberOutput[] {
    if (node === this.#node) {
      if (incarnation < this.#incarnation) return [];
      // Not dead, but given up: others have taken over what was announced here.
      this.#incarnation = incarnation + 1;
      return this.rejoin(now);
    }
    const member = this.#members.get(node);
    if (member?.state !== 'alive' || member.incarnation > incarnation) return [];
    // The others don't hear what this node hears: the next heartbeat will convince them.
    if (now - member.heardAt < SUSPECT_AFTER_MS) return [];
    return this.#bury(node, member, 'dead', now);
  }

  #bury(node: string, member: Member, verdict: 'dead' | 'left', now: Millis): readonly MemberOutput[] {
    if (member.state !== 'alive') {
      member.state = verdict;
      return [];
    }
    const silentMs = now - Math.max(member.heardAt, member.heardElsewhereAt);
    member.state = verdict;
    member.suspectedAt = undefined;
    this.#living.set(node, false, now);
    return [{ kind: 'verdict', node, verdict, silentMs }, ...this.#changed()];
  }

  /** Beats, suspicions and verdicts that are due. Call it every few tens of milliseconds. */
  tick(now: Millis): readonly MemberOutput[] {
    this.#tickedAt = now;
    const outputs: MemberOutput[] = [];
    if (this.#joiningUntil !== undefined && now >= this.#joiningUntil) outputs.push(...this.#joined());
    for (const body of this.#repeats.take(now)) outputs.push(...this.#broadcast(body));
    const early = this.#heardBeat ? BEAT_TOGETHER_MS : 0;
    this.#heardBeat = false;
    const lateMs = now - this.#beatAt;
    if (lateMs >= -early) {
      // A late beat delays the next ones no further, unless one was left out.
      const from = lateMs < 0 ? now + FOLLOWS_AFTER_MS : lateMs > BEAT_EVERY_MS ? now : this.#beatAt;
      this.#beatAt = from + BEAT_EVERY_MS;
      outputs.push(...this.#sendBeats());
    }
    const watched = this.#watched(now);
    for (const [node, member] of this.#members) {
      if (member.state !== 'alive') continue;
      const isWatched = watched.has(node);
      if (!isWell(member, isWatched, this.#members.size, now))
        outputs.push(...this.#examine(node, member, isWatched, now));
    }
    return outputs;
  }

  /** When to call `tick` next. */
  get wakeAt(): Millis {
    const suspects = [...this.#members.values()].some((each) => each.suspectedAt !== undefined);
    return suspects ? Math.min(this.#beatAt, this.#tickedAt + LOOK_EVERY_MS) : this.#beatAt;
  }

  #sendBeats(): readonly MemberOutput[] {
    const targets = new Set(this.isJoined ? this.#living.watchers : this.#unheard());
    // One more each time, dead or alive: so everybody is heard by everybody sooner or later, and a healed partition is found.
    const others = [...this.#members.keys()];
    const next = others[this.#roundAt++ % Math.max(1, others.length)];
    if (next !== undefined) targets.add(next);
    return this.#toAll(targets, this.#beat(!this.isJoined));
  }

  /** Members that have not told what they own. */
  #unheard(): readonly string[] {
    return [...this.#members].filter(([, member]) => member.version < 0).map(([name]) => name);
  }

  /** Whom this node watches from now on, it has not listened to before: its silence is counted from here. */
  #watched(now: Millis): ReadonlySet<string> {
    return this.#living.watched((node) => {
      const member = this.#members.get(node);
      if (member) member.watchedSince = now;
    });
  }

  #examine(node: string, member: Member, isWatched: boolean, now: Millis): readonly MemberOutput[] {
    const others = this.#living.otherWatchersOf(node);
    switch (judge(member, isWatched, others.length > 0, this.#members.size, now)) {
      case 'wait':
        return [];
      case 'ask':
        member.suspectedAt ??= now;
        member.doubtedAt = now;
        return [...this.#send(node, this.#beat(true)), ...this.#toAll(others, { kind: 'suspect', node })];
      case 'condemn':
        return this.#condemn(node, member, now);
    }
  }

  #condemn(node: string, member: Member, now: Millis): readonly MemberOutput[] {
    const death: SpeakerBody = { kind: 'death', node, incarnation: member.incarnation };
    this.#repeats.add([death], now);
    return [...this.#bury(node, member, 'dead', now), ...this.#broadcast(death)];
  }

  #joined(): readonly MemberOutput[] {
    this.#joiningUntil = undefined;
    if (this.#links.length > 0) this.#companions = undefined;
    return [{ kind: 'changed' }];
  }

  /** While it joins nothing is decided: one word at the end is enough. */
  #changed(): readonly MemberOutput[] {
    return this.isJoined ? [{ kind: 'changed' }] : [];
  }

  /** Everybody who lives has told what he owns, and everybody of the cluster has answered: no need to wait longer. */
  #joinIfKnown(now: Millis): readonly MemberOutput[] {
    if (this.#joiningUntil === undefined || now >= this.#joiningUntil) return [];
    const awaited = [...this.#members].filter(([name]) => this.#companions?.has(name) ?? true);
    return awaited.every(([, each]) => each.state === 'alive' && each.version >= 0) ? this.#joined() : [];
  }

  #beat(wantsAnswer: boolean): SpeakerBody {
    return { kind: 'beat', version: this.#version, wantsAnswer, isJoining: !this.isJoined, links: this.#links };
  }

  #sendOwned(to: string): readonly MemberOutput[] {
    return splitRecords(this.#version, this.#ownedBy(this.#node)).flatMap((body) => this.#send(to, body));
  }

  #broadcast(body: SpeakerBody): readonly MemberOutput[] {
    return this.#toAll(this.#members.keys(), body);
  }

  #toAll(names: Iterable<string>, body: SpeakerBody): readonly MemberOutput[] {
    const message = this.#envelope(body);
    return [...names].map((to) => ({ kind: 'send', to, message }));
  }

  #send(to: string, body: SpeakerBody): readonly MemberOutput[] {
    return [{ kind: 'send', to, message: this.#envelope(body) }];
  }

  #envelope(body: SpeakerBody): SpeakerMessage {
    this.#counter++;
    invariant(this.#counter < 2 ** 48, 'a counter of six bytes outlasts any process');
    return { sender: this.#node, incarnation: this.#incarnation, counter: this.#counter, body };
  }
}
