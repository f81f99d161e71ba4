/**
 * Which speakers live, found out among themselves: heartbeats in a ring,
 * suspicion, a second opinion, a verdict that is spread at once. No socket,
 * no clock, no key: messages and time go in, messages and verdicts come out.
 */
import { invariant } from '../invariant.ts';
import type { Millis } from '../time.ts';
import type { OwnerRecord, SpeakerBody, SpeakerMessage } from '../wire/speaker-message.ts';
import { RecordParts, splitRecords } from './record-parts.ts';
import { ringOf, watchedBy, watchersOf } from './ring.ts';

/** Measured with both cores of a machine saturated, the longest gap between beats of a worker thread was 124 ms. */
export const BEAT_EVERY_MS = 50;
const SUSPECT_AFTER_MS = 150;
export const DEAD_AFTER_MS = 250;
/** What a watcher has to answer a suspicion in, at least. */
const SECOND_OPINION_MS = 60;
/** One that isn't watched is heard when its turn in the round comes; this bounds how long its silence is believed. */
const UNWATCHED_DEAD_AFTER_MS = 5_000;
/** How long a speaker that starts, or was away, listens before it speaks for an address. */
export const JOIN_MS = 400;
/**
 * The same, where its link was down: the first question of the kernel for a peer's hardware address may be lost
 * while the switch doesn't forward yet, and it asks again only a second later (RFC 4861, RETRANS_TIMER; arp(7)).
 */
export const LINK_JOIN_MS = 2_000;
const REPEAT_AFTER_MS = [50, 150] as const;
const ASK_EVERY_MS = 100;
/** While somebody is suspected. */
const LOOK_EVERY_MS = 10;

/** An interface that can announce, as its speaker tells the others. */
export type PeerLink = Extract<SpeakerBody, { kind: 'beat' }>['links'][number];

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

interface Member {
  state: 'unknown' | 'alive' | 'dead' | 'left';
  incarnation: number;
  counter: number;
  heardAt: Millis;
  /** Since when it should be heard at each beat. */
  watchedSince: Millis;
  /** By another speaker, as it says. */
  heardElsewhereAt: Millis;
  suspectedAt: Millis | undefined;
  askedAt: Millis;
  doubtedAt: Millis;
  remindedAt: Millis;
  links: readonly PeerLink[];
  /** Of its records, as far as they are known here. */
  version: number;
  parts: RecordParts;
}

export class Membership {
  readonly #node: string;
  readonly #members = new Map<string, Member>();
  #incarnation: number;
  #counter = 0;
  #version = 0;
  #links: readonly PeerLink[] = [];
  #ownedBy: (node: string) => readonly OwnerRecord[] = () => [];
  readonly #alive: Set<string>;
  /** Stale after somebody came or went; see `#rings`. */
  #ring: Ring | undefined;
  #beatAt: Millis = 0;
  #tickedAt: Millis = 0;
  #roundAt = 0;
  #watched: ReadonlySet<string> = new Set();
  /** Undefined: joined. Infinite until it knows whom to listen to. */
  #joiningUntil: Millis | undefined = Number.POSITIVE_INFINITY;
  #repeats: { readonly at: Millis; readonly body: SpeakerBody }[] = [];
  #changedAt: Millis;

  /** @param incarnation The start of this process in ms since 1970. */
  constructor(node: string, incarnation: number, now: Millis) {
    this.#node = node;
    this.#incarnation = incarnation;
    this.#changedAt = now;
    this.#alive = new Set([node]);
  }

  /** Nodes that live, this one included. */
  get alive(): ReadonlySet<string> {
    return this.#alive;
  }

  /** Since when nobody came or went. */
  get changedAt(): Millis {
    return this.#changedAt;
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
      this.#setAlive(name, false, now);
    }
    const fresh = [...wanted].filter((name) => !this.#members.has(name));
    for (const name of fresh) this.#members.set(name, newMember(now));
    if (this.#joiningUntil === Number.POSITIVE_INFINITY) this.#joiningUntil = wanted.size === 0 ? now : now + JOIN_MS;
    const greetings = fresh.flatMap((name) => this.#send(name, this.#beat(true)));
    return gone.length > 0 ? [...this.#changed(), ...greetings] : greetings;
  }

  /** What the heartbeats of this node say from now on; at a change everybody is told at once. */
  setLinks(links: readonly PeerLink[]): readonly MemberOutput[] {
    this.#links = links;
    return this.#broadcast(this.#beat(false));
  }

  /** Tells everybody of changed ownership, and again a moment later. */
  tellRecords(records: readonly OwnerRecord[], now: Millis): readonly MemberOutput[] {
    this.#version++;
    const news = splitRecords(this.#version, records).map((each): SpeakerBody => ({ ...each, part: 0, parts: 0 }));
    for (const wait of REPEAT_AFTER_MS) this.#repeats.push(...news.map((body) => ({ at: now + wait, body })));
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

  /** Listens before it speaks again, until everybody has answered or for so long: it may have been given up meanwhile. */
  rejoin(now: Millis, withinMs: Millis = JOIN_MS): readonly MemberOutput[] {
    const wait = this.#members.size === 0 ? 0 : withinMs;
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
      this.#setAlive(sender, true, now);
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
    this.#setAlive(node, false, now);
    return [{ kind: 'verdict', node, verdict, silentMs }, ...this.#changed()];
  }

  /** Beats, suspicions and verdicts that are due. Call it every few tens of milliseconds. */
  tick(now: Millis): readonly MemberOutput[] {
    this.#tickedAt = now;
    const outputs: MemberOutput[] = [];
    if (this.#joiningUntil !== undefined && now >= this.#joiningUntil) outputs.push(...this.#joined());
    const due = this.#repeats.filter((each) => each.at <= now);
    this.#repeats = this.#repeats.filter((each) => each.at > now);
    for (const { body } of due) outputs.push(...this.#broadcast(body));
    if (now >= this.#beatAt) {
      // A late beat delays the next ones no further.
      this.#beatAt = now - this.#beatAt > BEAT_EVERY_MS ? now + BEAT_EVERY_MS : this.#beatAt + BEAT_EVERY_MS;
      outputs.push(...this.#sendBeats(now));
    }
    for (const [node, member] of this.#members) {
      if (member.state === 'alive') outputs.push(...this.#examine(node, member, now));
    }
    return outputs;
  }

  /** When to call `tick` next. */
  get wakeAt(): Millis {
    const suspects = [...this.#members.values()].some((each) => each.suspectedAt !== undefined);
    return suspects ? Math.min(this.#beatAt, this.#tickedAt + LOOK_EVERY_MS) : this.#beatAt;
  }

  #sendBeats(now: Millis): readonly MemberOutput[] {
    const targets = new Set(this.isJoined ? this.#rings(now).watchers : this.#unheard());
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

  #examine(node: string, member: Member, now: Millis): readonly MemberOutput[] {
    const { order, watched } = this.#rings(now);
    const deadAfter = watched.has(node) ? DEAD_AFTER_MS : this.#unwatchedDeadAfter();
    const suspectAfter = watched.has(node) ? SUSPECT_AFTER_MS : deadAfter / 2;
    const silentSince = Math.max(member.heardAt, member.watchedSince);
    if (now - silentSince < suspectAfter) return [];
    const second = watchersOf(order, node).filter((each) => each !== this.#node);
    const heard = Math.max(silentSince, member.heardElsewhereAt);
    if (member.suspectedAt !== undefined && now - heard >= deadAfter) {
      const hasWaited = second.length === 0 || now - member.suspectedAt >= SECOND_OPINION_MS;
      if (hasWaited) return this.#condemn(node, member, now);
    }
    // Asked again as long as the doubt lasts: a question may get lost.
    if (member.suspectedAt !== undefined && now - member.doubtedAt < BEAT_EVERY_MS) return [];
    member.suspectedAt ??= now;
    member.doubtedAt = now;
    return [...this.#send(node, this.#beat(true)), ...this.#toAll(second, { kind: 'suspect', node })];
  }

  #condemn(node: string, member: Member, now: Millis): readonly MemberOutput[] {
    const death: SpeakerBody = { kind: 'death', node, incarnation: member.incarnation };
    for (const wait of REPEAT_AFTER_MS) this.#repeats.push({ at: now + wait, body: death });
    return [...this.#bury(node, member, 'dead', now), ...this.#broadcast(death)];
  }

  #unwatchedDeadAfter(): number {
    return Math.max(UNWATCHED_DEAD_AFTER_MS, 4 * BEAT_EVERY_MS * this.#members.size);
  }

  #joined(): readonly MemberOutput[] {
    this.#joiningUntil = undefined;
    return [{ kind: 'changed' }];
  }

  /** While it joins nothing is decided: one word at the end is enough. */
  #changed(): readonly MemberOutput[] {
    return this.isJoined ? [{ kind: 'changed' }] : [];
  }

  /** Everybody who lives has told what he owns, and everybody of the cluster has answered: no need to wait longer. */
  #joinIfKnown(now: Millis): readonly MemberOutput[] {
    if (this.#joiningUntil === undefined || now >= this.#joiningUntil) return [];
    const members = [...this.#members.values()];
    return members.every((each) => each.state === 'alive' && each.version >= 0) ? this.#joined() : [];
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

  /** Notes that a node came or went. */
  #setAlive(node: string, isAlive: boolean, now: Millis): void {
    if (this.#alive.has(node) === isAlive) return;
    if (isAlive) this.#alive.add(node);
    else this.#alive.delete(node);
    this.#changedAt = now;
    this.#ring = undefined;
  }

  /** Made when it is asked for: at a start hundreds come at once. */
  #rings(now: Millis): Ring {
    if (this.#ring !== undefined) return this.#ring;
    const order = ringOf(this.#alive);
    const ring = { order, watchers: watchersOf(order, this.#node), watched: new Set(watchedBy(order, this.#node)) };
    // Whom this node watches from now on, it has not listened to before: its silence is counted from here.
    for (const name of ring.watched) {
      const member = this.#members.get(name);
      if (member && !this.#watched.has(name)) member.watchedSince = now;
    }
    this.#watched = ring.watched;
    this.#ring = ring;
    return ring;
  }
}

interface Ring {
  readonly order: readonly string[];
  /** Who watches this node, and whom it watches. */
  readonly watchers: readonly string[];
  readonly watched: ReadonlySet<string>;
}

function newMember(now: Millis): Member {
  return {
    state: 'unknown',
    incarnation: -1,
    counter: -1,
    heardAt: now,
    watchedSince: now,
    heardElsewhereAt: 0,
    suspectedAt: undefined,
    askedAt: Number.NEGATIVE_INFINITY,
    doubtedAt: Number.NEGATIVE_INFINITY,
    remindedAt: Number.NEGATIVE_INFINITY,
    links: [],
    version: -1,
    parts: new RecordParts(),
  };
}

function sameLinks(a: readonly PeerLink[], b: readonly PeerLink[]): boolean {
  return (
    a.length === b.length && a.every((each, at) => each.name === b[at]?.name && each.mac.value === b[at].mac.value)
  );
}
