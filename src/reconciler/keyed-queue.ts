/**
 * Work by key: one piece of work a key at a time, any number of keys at once,
 * each key with a backoff of its own, so that one that fails never delays
 * another.
 *
 *     now(key)     in this very turn, where the key is idle
 *     later(key)   behind everything urgent: in slices, a bounded number at once
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
  readonly #backoffs = new Map<string, { readonly backoff: Backoff; timer: NodeJS.Timeout | undefined }>();
  #backgroundRunning = 0;
  #pump: NodeJS.Immediate | undefined;
  #stopped = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
    this.#background = options.background ?? 16;
  }

  /** Keys at work, waiting in the background, or waiting for their backoff. */
  get size(): number {
    let backingOff = 0;
    for (const { timer } of this.#backoffs.values()) if (timer !== undefined) backingOff++;
    return this.#running.size + this.#later.size + backingOff;
  }

  /** Failures in a row of a key. */
  failures(key: string): number {
    return this.#backoffs.get(key)?.backoff.failures ?? 0;
  }

  now(key: string): void {
    if (this.#stopped) return;
    if (this.#running.has(key)) {
      this.#running.set(key, true);
      return;
    }
    this.#later.delete(key);
    this.#start(key, false);
  }

  later(key: string): void {
    if (this.#stopped) return;
    this.#later.add(key);
    this.#schedulePump();
  }

  /** Ends a key's backoff: what it was about is gone. */
  forget(key: string): void {
    clearTimeout(this.#backoffs.get(key)?.timer);
    this.#backoffs.delete(key);
    this.#later.delete(key);
  }

  /** Begins nothing more; done when what is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#later.clear();
    if (this.#pump !== undefined) clearImmediate(this.#pump);
    for (const { timer } of this.#backoffs.values()) clearTimeout(timer);
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
    const entry = this.#backoffs.get(key) ?? {
      backoff: new Backoff(firstBackoffMs, longestBackoffMs, random),
      timer: undefined,
    };
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      this.now(key);
    }, entry.backoff.next());
    this.#backoffs.set(key, entry);
  }

  #cancelTimer(key: string): void {
    const entry = this.#backoffs.get(key);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entry.timer = undefined;
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
  }
}
