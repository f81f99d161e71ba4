/** What a speaker remembers over a restart: read once at the start, written a moment after it changed. */
import { type Failover, FailoverLog } from '../core/l2/failover-log.ts';
import { parseSavedState, renderSavedState, type SavedState } from '../core/l2/saved-state.ts';
import type { Logger } from '../telemetry/logger.ts';
import { StateFile } from './state-file.ts';

export interface MemoryOptions {
  /** Undefined: nothing is remembered. */
  readonly directory: string | undefined;
  readonly node: string;
  /** Whether the plan that is kept is what the cluster says now: then its age is counted anew. */
  readonly isLive: () => boolean;
  readonly log: Logger;
}

export interface Recalled {
  readonly state: SavedState;
  /** When it was last known to be true, on the monotonic clock. */
  readonly asOf: number;
}

/** A burst of changes is one write. */
const GATHER_MS = 1_000;
/** How exact the age of what is remembered is. */
const CONFIRM_EVERY_MS = 30_000;

export class Memory {
  readonly #options: MemoryOptions;
  readonly #file: StateFile | undefined;
  #state: SavedState = { plan: new Map(), members: [], keys: [], failovers: [] };
  #failovers = new FailoverLog();
  /** When the plan was last known to be true, in ms since 1970. */
  #asOf = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #written = '';
  #trouble: string | undefined;
  readonly #confirming: NodeJS.Timeout;

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.#file = options.directory === undefined ? undefined : new StateFile(options.directory);
    this.#confirming = setInterval(() => this.#confirm(), CONFIRM_EVERY_MS).unref();
  }

  /** What was kept; undefined where there is nothing, or nothing that can be used. */
  async recall(): Promise<Recalled | undefined> {
    const { node, log } = this.#options;
    const read = await this.#file?.read();
    if (read === undefined || read.kind === 'absent') return undefined;
    const parsed =
      read.kind === 'text' ? parseSavedState(node, read.text) : ({ ok: false, error: read.reason } as const);
    if (!parsed.ok || read.kind !== 'text') {
      log.warn({ file: this.#file?.path, reason: parsed.ok ? '' : parsed.error }, 'the remembered state is ignored');
      return undefined;
    }
    this.#written = read.text;
    this.#state = parsed.value;
    this.#asOf = Date.now() - read.ageMs;
    this.#failovers = new FailoverLog(parsed.value.failovers);
    return { state: parsed.value, asOf: performance.now() - read.ageMs };
  }

  /** The record of failovers, oldest first. */
  get failovers(): readonly Failover[] {
    return this.#failovers.failovers;
  }

  addFailover(came: Parameters<FailoverLog['add']>[0]): void {
    this.#failovers.add(came);
    this.keep({ failovers: this.#failovers.failovers });
  }

  /** Takes over what has changed. */
  keep(part: Partial<SavedState>): void {
    this.#state = { ...this.#state, ...part };
    if (this.#file === undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#save();
    }, GATHER_MS);
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#confirming);
    await this.#save();
  }

  #save(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const text = renderSavedState(this.#options.node, this.#state);
    if (this.#file === undefined || text === this.#written) return;
    await this.#attempt(this.#file.write(text, this.#now()));
    if (this.#trouble === undefined) this.#written = text;
  }

  #confirm(): void {
    if (this.#file === undefined || !this.#options.isLive() || this.#written === '') return;
    void this.#attempt(this.#file.confirm(this.#now()));
  }

  #now(): number {
    if (this.#options.isLive()) this.#asOf = Date.now();
    return this.#asOf;
  }

  async #attempt(work: Promise<void>): Promise<void> {
    const trouble = await work.then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    if (trouble !== undefined && trouble !== this.#trouble) {
      this.#options.log.warn(
        { file: this.#file?.path, error: trouble },
        'the state cannot be kept: a restart while the apiserver is away would announce nothing',
      );
    }
    this.#trouble = trouble;
  }
}
