/** What a relay does with frames; all numbers 0 mean: carry on. */
export interface DelaySettings {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly duplicatePercent: number;
}

interface Waiting<T> {
  readonly due: number;
  readonly order: number;
  readonly item: T;
}

/**
 * Holds items until they are due. Time and chance are handed in, so that a
 * test can decide both.
 */
export class DelayLine<T> {
  readonly #settings: DelaySettings;
  readonly #chance: () => number;
  /** A heap, the next one due at its root. */
  readonly #waiting: Waiting<T>[] = [];
  #order = 0;

  /** @param chance a number from 0 up to 1, drawn for each decision. */
  constructor(settings: DelaySettings, chance: () => number) {
    this.#settings = settings;
    this.#chance = chance;
  }

  /** Takes an item in at this time, twice when chance wants a duplicate. */
  add(item: T, now: number): void {
    this.#insert(item, now);
    if (this.#chance() * 100 < this.#settings.duplicatePercent) this.#insert(item, now);
  }

  /** The next item that is due at this time, in the order in which they are due. */
  take(now: number): T | undefined {
    const first = this.#waiting[0];
    if (first === undefined || first.due > now) return undefined;
    const last = this.#waiting.pop()!;
    if (this.#waiting.length > 0) {
      this.#waiting[0] = last;
      this.#sink();
    }
    return first.item;
  }

  /** When the next item is due; undefined when none waits. */
  get nextDue(): number | undefined {
    return this.#waiting[0]?.due;
  }

  #insert(item: T, now: number): void {
    const due = now + this.#settings.delayMs + this.#chance() * this.#settings.jitterMs;
    const waiting = this.#waiting;
    waiting.push({ due, order: this.#order++, item });
    for (let at = waiting.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (before(waiting[parent]!, waiting[at]!)) return;
      [waiting[parent], waiting[at]] = [waiting[at]!, waiting[parent]!];
      at = parent;
    }
  }

  #sink(): void {
    const waiting = this.#waiting;
    for (let at = 0; ; ) {
      let next = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < waiting.length && before(waiting[child]!, waiting[next]!)) next = child;
      }
      if (next === at) return;
      [waiting[at], waiting[next]] = [waiting[next]!, waiting[at]!];
      at = next;
    }
  }
}

/** Items that are due together keep the order in which they came. */
function before(a: Waiting<unknown>, b: Waiting<unknown>): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
