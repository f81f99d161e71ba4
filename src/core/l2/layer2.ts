/**
 * Layer 2 of one node whole, without a socket: the engine that speaks on the
 * wire and the membership that says who lives, each fed with what the other
 * found. The worker thread and the simulated cluster of the tests drive this.
 */
import type { Millis } from '../time.ts';
import type { SpeakerMessage } from '../wire/speaker-message.ts';
import { Engine } from './engine.ts';
import type { Link } from './link.ts';
import { type MemberFault, type MemberOutput, Membership } from './membership.ts';
import type { Output } from './output.ts';
import type { PlanChange } from './plan-change.ts';

export type Layer2Output =
  | Exclude<Output, { kind: 'own' | 'inform' }>
  /** To another speaker. */
  | { readonly kind: 'tell'; readonly to: string; readonly message: SpeakerMessage }
  | Extract<MemberOutput, { kind: 'verdict' }>;

export class Layer2 {
  readonly engine: Engine;
  readonly #membership: Membership | undefined;

  /** @param incarnation The start of the process in ms since 1970; undefined where speakers don't hear each other. */
  constructor(node: string, incarnation: number | undefined, now: Millis) {
    this.engine = new Engine(node);
    if (incarnation === undefined) return;
    const membership = new Membership(node, incarnation, now);
    membership.setOwnership((owner) => this.engine.ownedBy(owner));
    this.#membership = membership;
    this.engine.changePeers(peersOf(membership), now);
  }

  /** When to call `tick` at the latest. */
  get wakeAt(): Millis {
    return Math.min(this.engine.wakeAt, this.#membership?.wakeAt ?? Number.POSITIVE_INFINITY);
  }

  get isJoined(): boolean {
    return this.#membership?.isJoined ?? true;
  }

  /** Takes over a change of the plan. */
  changePlan(change: PlanChange, now: Millis): readonly Layer2Output[] {
    return this.#carry(this.engine.changePlan(change, now), now);
  }

  /** Takes over the other nodes of the cluster. */
  changeMembers(names: readonly string[], now: Millis): readonly Layer2Output[] {
    return this.#carryMembers(this.#membership?.setMembers(names, now) ?? [], now);
  }

  /** Takes over the interfaces as they are now. */
  changeLinks(links: readonly Link[], now: Millis): readonly Layer2Output[] {
    if (this.#membership === undefined) return this.#carry(this.engine.changeLinks(links, now), now);
    const isUp = links.some((each) => each.isUp && each.canAnnounce);
    // Back on the wire: others may have taken over what was announced here, so it listens before it elects.
    const isBack = isUp && this.engine.upLinks.length === 0;
    const back = isBack ? this.#carryMembers(this.#membership.rejoin(now), now) : [];
    const elected = this.#carry(this.engine.changeLinks(links, now), now);
    const up = this.engine.upLinks.map(({ name, mac }) => ({ name, mac }));
    return [...back, ...elected, ...this.#carryMembers(this.#membership.setLinks(up), now)];
  }

  /** Reads one frame that arrived on a link. */
  frame(link: number, bytes: Uint8Array, now: Millis): readonly Layer2Output[] {
    return this.#carry(this.engine.frame(link, bytes, now), now);
  }

  /** Takes in an authentic message of another speaker. */
  message(
    message: SpeakerMessage,
    now: Millis,
  ): { readonly outputs: readonly Layer2Output[]; readonly fault?: MemberFault } {
    if (this.#membership === undefined) return { outputs: [] };
    const { outputs, fault } = this.#membership.receive(message, now);
    return { outputs: this.#carryMembers(outputs, now), ...(fault !== undefined && { fault }) };
  }

  /** Lets what is due happen. */
  tick(now: Millis): readonly Layer2Output[] {
    const beats = this.#carryMembers(this.#membership?.tick(now) ?? [], now);
    return [...beats, ...this.#carry(this.engine.tick(now), now)];
  }

  /** The process stood still for so long. Call it before anything else that is done afterwards. */
  stalled(ms: number, now: Millis): readonly Layer2Output[] {
    return this.#carryMembers(this.#membership?.excuseStall(ms, now) ?? [], now);
  }

  /** Hands everything over; ask `isDrained` until it is done. */
  drain(now: Millis): readonly Layer2Output[] {
    return this.#carry(this.engine.drain(now), now);
  }

  get isDrained(): boolean {
    return this.engine.answered().length === 0;
  }

  /** The last word. */
  leave(now: Millis): readonly Layer2Output[] {
    return this.#carryMembers(this.#membership?.leave() ?? [], now);
  }

  #changePeers(now: Millis): readonly Output[] {
    return this.#membership === undefined ? [] : this.engine.changePeers(peersOf(this.#membership), now);
  }

  #carry(outputs: readonly Output[], now: Millis): readonly Layer2Output[] {
    return outputs.flatMap((output) => this.#carryOne(output, now));
  }

  #carryOne(output: Output, now: Millis): readonly Layer2Output[] {
    switch (output.kind) {
      case 'own':
        return this.#carryMembers(this.#membership?.tellRecords(output.records, now) ?? [], now);
      case 'inform':
        return this.#carryMembers(this.#membership?.inform(output.node, output.records) ?? [], now);
      case 'listen':
      case 'send':
      case 'report':
        return [output];
    }
  }

  #carryMembers(outputs: readonly MemberOutput[], now: Millis): readonly Layer2Output[] {
    return outputs.flatMap((output) => this.#carryMember(output, now));
  }

  #carryMember(output: MemberOutput, now: Millis): readonly Layer2Output[] {
    switch (output.kind) {
      case 'send':
        return [{ kind: 'tell', to: output.to, message: output.message }];
      case 'verdict':
        return [output];
      case 'records':
        return this.#carry(this.engine.mergeRecords(output.from, output.records, now), now);
      case 'owns':
        return this.#carry(this.engine.reconcile(output.node, output.records), now);
      case 'changed':
        return this.#carry(this.#changePeers(now), now);
    }
  }
}

function peersOf(membership: Membership) {
  return {
    isJoined: membership.isJoined,
    alive: membership.alive,
    stableSince: membership.changedAt,
    macs: membership.macs,
    linksOf: (node: string) => membership.linksOf(node),
    lastHeard: (node: string) => membership.lastHeard(node),
    hasLeft: (node: string) => membership.hasLeft(node),
  };
}
