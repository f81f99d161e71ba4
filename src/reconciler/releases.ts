/**
 * Services that gave addresses back, remembered until it is sure that somebody
 * has decided how long their addresses are kept: by every replica, so that the
 * next leader knows what the last one saw and may not have written; and by a
 * leader that knows its policies to be behind, until they are not.
 */
import type { Service } from '../core/api/kubernetes.ts';
import type { Claim } from '../core/ipam/ledger.ts';
import type { Address } from '../core/net/address.ts';
import type { Millis } from '../core/time.ts';

export interface Release {
  readonly claim: Claim;
  readonly addresses: readonly Address[];
  /** The Service as it last was. */
  readonly previous: Service;
  readonly at: Millis;
}

/** Longer than it takes another to lead, and than an apiserver that is back takes to tell all. */
const rememberedMs = 120_000;

export class Releases {
  readonly #remembered: Release[] = [];
  /** Of the first one that is remembered. */
  #first = 0;

  /** How many there were so far. */
  get count(): number {
    return this.#first + this.#remembered.length;
  }

  add(release: Release): void {
    this.#forget(release.at);
    this.#remembered.push(release);
  }

  /** Those after the first `count`, but for what is too long ago. */
  after(count: number, now: Millis): readonly Release[] {
    this.#forget(now);
    return this.#remembered.slice(Math.max(0, count - this.#first));
  }

  #forget(now: Millis): void {
    const recent = this.#remembered.findIndex(({ at }) => at > now - rememberedMs);
    this.#first += this.#remembered.splice(0, recent < 0 ? this.#remembered.length : recent).length;
  }
}
