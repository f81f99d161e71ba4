/** At most so many at once; the rest wait their turn, first come, first served. */
export class Limiter {
  readonly #most: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work` as soon as a place is free; at once, in this very turn, where one is. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#handOn();
    }
  }

  #handOn(): void {
    const next = this.#waiting[this.#next];
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#next++;
    if (this.#next > 1024 || this.#next === this.#waiting.length) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    next();
  }
}
