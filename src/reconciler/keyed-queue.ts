/**
 * Work by key: one piece of work a key at a time, any number of keys at once,
 * each key with a backoff of its own, so that one that fails never delays
 * another.
 *
 *     now(key)        in this very turn, where the key is idle
 *     later(key)      behind everything urgent: in slices, a bounded number at once
 *     after(key, ms)  at a time, unless it comes up before
 */
import { Backoff } from '../kube/backoff.ts';

/** `retry`: again after the key's backoff. */
export type Verdict = 'done' | 'retry';

export interface KeyedQueueOptions {
  /** Its part before the first `await` runs in the turn of `now`. */
  readonly work: (key: string) => Verdict | Promise<Verdict>;
  /** A throw is a defect or an environment failure that nobody expected; the key is tried again after its backoff. */
  readonly onError: (key: string, error: unknown) => void;
  /** 100 ms. */
  readonly firstBackoffMs?: number;
  /** 60 s. */
  readonly longestBackoffMs?: number;
  /** Pieces of `later` work under way at once; 16. */
  readonly background?: number;
  readonly random?: () => number;
}

/** Longest run of background work before the loop may look at something else. */
const sliceMs = 5;

export class KeyedQueue {
  readonly #options: KeyedQueueOptions;
  readonly #background: number;
  /** Keys at work; true: asked for again meanwhile. */
  readonly #running = new Map<string, boolean>();
  readonly #later = new Set<string>();
  readonly #backoffs = new Map<string, Backoff>();
  /** Of keys that wait for a time. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #backgroundRunning = 0;
  #pump: NodeJS.Immediate | undefined;
  #stopped = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #caughtUp: PromiseWithResolvers<void> | undefined;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
    this.#background = options.background ?? 16;
  }

  /** Keys at work, waiting in the background, or waiting for their time. */
  get size(): number {
    return this.#running.size + this.#later.size + this.#timers.size;
  }

  /** Failures in a row of a key. */
  failures(key: string): number {
    return this.#backoffs.get(key)?.failures ?? 0;
  }

  now(key: string): void {
    if (this.#stopped) return;
    if (this.#running.has(key)) {
      this.#running.set(key, true);
      return;
    }
    this.#later.delete(key);
    this.#start(key, false);
    this.#checkCaughtUp();
  }

  later(key: string): void {
    if (this.#stopped) return;
    this.#later.add(key);
    this.#schedulePump();
  }

  /** Done when all background work asked for so far has been done once, or the queue was stopped. */
  caughtUp(): Promise<void> {
    this.#caughtUp ??= Promise.withResolvers<void>();
    const { promise } = this.#caughtUp;
    this.#checkCaughtUp();
    return promise;
  }

  after(key: string, delayMs: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.now(key);
    }, delayMs);
    this.#timers.set(key, timer);
  }

  /** Ends a key's waiting and its backoff: what it was about is gone. */
  forget(key: string): void {
    this.#cancelTimer(key);
    this.#backoffs.delete(key);
    this.#later.delete(key);
  }

  /** Begins nothing more; done when what is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#later.clear();
    this.#checkCaughtUp();
    if (this.#pump !== undefined) clearImmediate(this.#pump);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#backoffs.clear();
    this.#idle ??= Promise.withResolvers<void>();
    if (this.#running.size === 0) this.#idle.resolve();
    return this.#idle.promise;
  }

  #start(key: string, background: boolean): void {
    this.#cancelTimer(key);
    this.#running.set(key, false);
    if (background) this.#backgroundRunning++;
    let verdict: Verdict | Promise<Verdict>;
    try {
      verdict = this.#options.work(key);
    } catch (error) {
      verdict = this.#failed(key, error);
    }
    if (typeof verdict === 'string') {
      this.#end(key, verdict, background);
      return;
    }
    verdict.then(
      (settled) => this.#end(key, settled, background),
      (error: unknown) => this.#end(key, this.#failed(key, error), background),
    );
  }

  #failed(key: string, error: unknown): Verdict {
    this.#options.onError(key, error);
    return 'retry';
  }

  #end(key: string, verdict: Verdict, background: boolean): void {
    const again = this.#running.get(key) === true;
    this.#running.delete(key);
    if (background) {
      this.#backgroundRunning--;
      if (this.#later.size > 0) this.#schedulePump();
      this.#checkCaughtUp();
    }
    if (this.#stopped) {
      if (this.#running.size === 0) this.#idle?.resolve();
      return;
    }
    if (verdict === 'done') this.#backoffs.delete(key);
    else this.#scheduleRetry(key);
    if (again) this.now(key);
  }

  #scheduleRetry(key: string): void {
    const { firstBackoffMs = 100, longestBackoffMs = 60_000, random } = this.#options;
    const backoff = this.#backoffs.get(key) ?? new Backoff(firstBackoffMs, longestBackoffMs, random);
    this.#backoffs.set(key, backoff);
    this.after(key, backoff.next());
  }

  #cancelTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  #schedulePump(): void {
    if (this.#pump !== undefined || this.#stopped || this.#backgroundRunning >= this.#background) return;
    this.#pump = setImmediate(() => {
      this.#pump = undefined;
      this.#runSlice();
    });
  }

  #runSlice(): void {
    const endsAt = performance.now() + sliceMs;
    for (const key of this.#later) {
      if (this.#backgroundRunning >= this.#background) return;
      this.#later.delete(key);
      if (this.#running.has(key)) this.#running.set(key, true);
      else this.#start(key, true);
      if (performance.now() >= endsAt) break;
    }
    if (this.#later.size > 0) this.#schedulePump();
    this.#checkCaughtUp();
  }

  #checkCaughtUp(): void {
    if (this.#caughtUp === undefined || this.#later.size > 0 || this.#backgroundRunning > 0) return;
    this.#caughtUp.resolve();
    this.#caughtUp = undefined;
  }
}
