/** Strangers who claim addresses of ours, until nothing is heard of them for a while. */
import type { Stranger } from '../core/announce/l2-status.ts';

/** One that still uses the address is heard again within an ARP cache's life. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

export class Strangers {
  readonly #seen = new Map<string, Stranger & { readonly at: number }>();
  readonly #now: () => number;

  /** @param now Monotonic, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get(address: string): Stranger | undefined {
    const seen = this.#seen.get(address);
    return seen && { mac: seen.mac, interface: seen.interface, unannounced: seen.unannounced };
  }

  /**
   * Tells whether that is news: another stranger, or the first one. Who gave
   * way to one and finds him again by a probe has announced the address before.
   */
  saw(address: string, stranger: Stranger): boolean {
    const before = this.#seen.get(address);
    const unannounced = stranger.unannounced && before?.unannounced !== false;
    this.#seen.set(address, { ...stranger, unannounced, at: this.#now() });
    return (
      before?.mac !== stranger.mac || before.interface !== stranger.interface || before.unannounced !== unannounced
    );
  }

  forget(address: string): boolean {
    return this.#seen.delete(address);
  }

  /** Forgets those who fell silent; tells whether there were any. */
  prune(): boolean {
    const old = [...this.#seen].filter(([, { at }]) => this.#now() - at >= FORGOTTEN_AFTER_MS);
    for (const [address] of old) this.#seen.delete(address);
    return old.length > 0;
  }
}
