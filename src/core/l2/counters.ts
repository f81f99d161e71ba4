/** What happened on the wire since the last look, for metrics. */
import type { WireFault } from '../wire/decoded.ts';
import type { SpeakerFault } from '../wire/speaker-message.ts';
import type { MemberFault } from './membership.ts';

/** Why a message on the membership port had no effect. */
export type PeerFault = SpeakerFault | MemberFault | 'bad-tag';

/** Why a frame had no effect: it broke a rule of its format, or it is none of our business. */
export type IgnoredReason =
  | WireFault
  | 'own-frame'
  | 'foreign-target'
  | 'not-announced-here'
  | 'suspended'
  /** More came than could be read: the kernel dropped it. */
  | 'queue-full';

export interface AddressCounts {
  requests: number;
  responses: number;
  gratuitous: number;
}

export class Counters {
  #addresses = new Map<string, AddressCounts>();
  #ignored = new Map<IgnoredReason, number>();
  #peerFaults = new Map<PeerFault, number>();

  request(address: string): void {
    this.#of(address).requests++;
  }

  response(address: string): void {
    this.#of(address).responses++;
  }

  gratuitous(address: string, frames: number): void {
    this.#of(address).gratuitous += frames;
  }

  ignore(reason: IgnoredReason, frames = 1): void {
    this.#ignored.set(reason, (this.#ignored.get(reason) ?? 0) + frames);
  }

  peerFault(reason: PeerFault): void {
    this.#peerFaults.set(reason, (this.#peerFaults.get(reason) ?? 0) + 1);
  }

  /** What was counted since the last call; undefined for nothing. */
  take(): CounterDelta | undefined {
    if (this.#addresses.size + this.#ignored.size + this.#peerFaults.size === 0) return undefined;
    const delta = {
      addresses: [...this.#addresses],
      ignored: [...this.#ignored],
      peerFaults: [...this.#peerFaults],
    };
    this.#addresses = new Map();
    this.#ignored = new Map();
    this.#peerFaults = new Map();
    return delta;
  }

  #of(address: string): AddressCounts {
    let counts = this.#addresses.get(address);
    if (counts === undefined) {
      counts = { requests: 0, responses: 0, gratuitous: 0 };
      this.#addresses.set(address, counts);
    }
    return counts;
  }
}

export interface CounterDelta {
  readonly addresses: readonly (readonly [address: string, counts: Readonly<AddressCounts>])[];
  readonly ignored: readonly (readonly [reason: IgnoredReason, count: number])[];
  readonly peerFaults: readonly (readonly [reason: PeerFault, count: number])[];
}
