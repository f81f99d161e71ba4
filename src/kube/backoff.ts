/** How long to wait before the next attempt: doubling, with jitter, up to a limit. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(firstMs: number, longestMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#random = random;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure; the wait is at least half the doubled span, so that many clients spread out and none hammers. */
  next(): number {
    const span = Math.min(this.#longestMs, this.#firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return span / 2 + (this.#random() * span) / 2;
  }

  reset(): void {
    this.#failures = 0;
  }
}
