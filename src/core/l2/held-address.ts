/** One address of the plan on this node: its machine, and the frames and reports that its steps give. */

import type { PlannedAddress } from '../announce/plan.ts';
import { hashNode } from '../announce/rendezvous.ts';
import type { Mac } from '../net/mac.ts';
import type { Millis } from '../time.ts';
import { answers, type Claim, type ClaimAction, type ClaimEvent, REFRESH_EVERY_MS, SILENT, step } from './claim.ts';
import { announcementFrames, probeFrame } from './frames.ts';
import type { Link } from './link.ts';
import type { Cause, Output, Report, Silence } from './output.ts';

/** Who claims the address against us, and on which link that was heard. */
export interface Contender {
  readonly mac: Mac;
  readonly interface: string;
}

/** How the address came here, for the report. */
export interface Origin {
  readonly cause: Cause;
  readonly from: string | undefined;
  readonly silentMs: number | undefined;
}

/** Why this node is silent, and who isn't. */
export interface SilenceFacts {
  readonly reason: Silence;
  readonly owner: string | undefined;
}

const REGAINED: Origin = { cause: 'Regained', from: undefined, silentMs: undefined };

export class HeldAddress {
  readonly id: string;
  planned: PlannedAddress;
  #claim: Claim = SILENT;
  #links: readonly Link[] = [];
  #silence: { readonly reason: Silence; readonly owner: string | undefined } = {
    reason: 'Elsewhere',
    owner: undefined,
  };
  #origin: Origin = REGAINED;
  /** Who contested it last. */
  #contender: Contender | undefined;
  /** What was last reported, to report changes only. */
  #reported = '';
  #interestChanges = 0;
  readonly #refreshEveryMs: Millis;

  constructor(id: string, planned: PlannedAddress) {
    this.id = id;
    this.planned = planned;
    // Drawn from the address: what began together drifts apart, and no minute ends with a burst.
    const drift = (hashNode(id) % 1_000) / 1_000;
    this.#refreshEveryMs = Math.round(REFRESH_EVERY_MS * (0.9 + 0.2 * drift));
  }

  /** Goes up whenever other frames than before are worth hearing. */
  get interestChanges(): number {
    return this.#interestChanges;
  }

  get claim(): Claim {
    return this.#claim;
  }

  /** Where it is announced, or was until it fell silent. */
  get links(): readonly Link[] {
    return this.#links;
  }

  get isAnswered(): boolean {
    return answers(this.#claim);
  }

  /** The hardware address that this node gave way to; undefined where it didn't. */
  get yieldedTo(): Mac | undefined {
    return this.#claim.phase === 'yielded' ? this.#contender?.mac : undefined;
  }

  isOn(link: number): boolean {
    return this.#links.some((each) => each.index === link);
  }

  /** This node was elected and may use these links; on a change of links everybody is told anew. */
  take(links: readonly Link[], probe: boolean, origin: Origin, now: Millis): readonly Output[] {
    const isSame = links.length === this.#links.length && links.every((each, at) => sameLink(each, this.#links[at]));
    this.#links = links;
    if (!isSame) this.#interestChanges++;
    if (this.#claim.phase === 'silent') this.#origin = origin;
    const outputs = this.apply({ kind: 'elected', probe }, now);
    return isSame ? outputs : [...outputs, ...this.apply({ kind: 'link-changed' }, now)];
  }

  /** This node shall announce it no more, and why. */
  release(
    event: Extract<ClaimEvent, { kind: 'moved' | 'withdrawn' }>,
    silence: SilenceFacts,
    now: Millis,
  ): readonly Output[] {
    this.#silence = silence;
    return [...this.apply(event, now), ...this.#reportPhase()];
  }

  /** One step of the machine. */
  apply(event: ClaimEvent, now: Millis, contender?: Contender): readonly Output[] {
    const before = this.#claim;
    const { claim, actions } = step(before, event, now, this.#refreshEveryMs);
    this.#claim = claim;
    if ((claim.phase === 'silent') !== (before.phase === 'silent')) this.#interestChanges++;
    if (contender !== undefined) this.#contender = contender;
    const outputs = actions.flatMap((action) => this.#carryOut(action, contender));
    return claim.phase === before.phase ? outputs : [...outputs, ...this.#reportPhase()];
  }

  #carryOut(action: ClaimAction, contender: Contender | undefined): readonly Output[] {
    const { address } = this.planned;
    switch (action) {
      case 'probe':
        return this.#onEveryLink((mac) => [probeFrame(address, mac)]);
      case 'announce':
        return this.#onEveryLink((mac) => announcementFrames(address, mac));
      case 'report-conflict':
        if (contender === undefined) return [];
        return [{ kind: 'report', report: { kind: 'conflict', address: this.id, ...contender } }];
    }
  }

  #onEveryLink(frames: (mac: Mac) => readonly Uint8Array[]): readonly Output[] {
    return this.#links.flatMap((link) =>
      frames(link.mac).map((frame): Output => ({ kind: 'send', link: link.index, frame })),
    );
  }

  #reportPhase(): readonly Output[] {
    switch (this.#claim.phase) {
      case 'announcing':
      case 'owning':
      case 'handing-over': {
        const interfaces = this.#links.map((each) => each.name);
        return this.#report({ kind: 'announcing', address: this.id, interfaces, ...this.#origin });
      }
      case 'probing':
        return this.#report({ kind: 'silent', address: this.id, reason: 'Probing', owner: undefined });
      case 'yielded':
        return this.#report({ kind: 'silent', address: this.id, reason: 'Yielded', owner: undefined });
      case 'silent':
        return this.#report({ kind: 'silent', address: this.id, ...this.#silence });
    }
  }

  #report(report: Report): readonly Output[] {
    const text = JSON.stringify(report);
    if (text === this.#reported) return [];
    this.#reported = text;
    return [{ kind: 'report', report }];
  }
}

function sameLink(a: Link, b: Link | undefined): boolean {
  return b !== undefined && a.index === b.index && a.mac.value === b.mac.value && a.name === b.name;
}
