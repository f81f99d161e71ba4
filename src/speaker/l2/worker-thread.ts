/** The main thread's hand on the Layer 2 worker. */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';

/** The worker holds a few thousand small objects: a larger heap would only put off collecting them. */
const HEAP_MB = 48;
const YOUNG_MB = 4;
const ENTRY = new URL('./worker.ts', import.meta.url);
const WAKE = new BigUint64Array([1n]);

export class WorkerThread {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #wakeDescriptor: number | undefined;
  #failure: string | undefined;
  #isStopping = false;

  /** Calls `take` for what the worker says, except about itself. */
  constructor(settings: WorkerSettings, take: (message: FromWorker) => void, entry: URL = ENTRY) {
    this.#worker = new Worker(entry, {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    // Both are also read through `failure`; nobody need wait for them.
    this.#ready.promise.catch(() => undefined);
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') {
        this.#wakeDescriptor = message.wakeDescriptor;
        this.#ready.resolve();
      } else take(message);
    });
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => {
      this.#wakeDescriptor = undefined;
      if (!this.#isStopping) this.#fail(`it ended with code ${code}`);
      this.#ended.resolve();
    });
  }

  /** Done when it hears and answers. Rejects where it can't start. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Done when it has ended, by itself or because it was stopped. */
  get died(): Promise<void> {
    return this.#ended.promise;
  }

  /** Why it is dead; undefined while it lives. */
  get failure(): string | undefined {
    return this.#failure;
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message);
    if (this.#wakeDescriptor !== undefined) writeSync(this.#wakeDescriptor, WAKE);
  }

  /** Done when it has stopped answering and closed its sockets. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.post({ kind: 'stop' });
    // The worker closes the descriptor; its number may soon be somebody else's.
    this.#wakeDescriptor = undefined;
    await this.#ended.promise;
  }

  #fail(reason: string): void {
    this.#failure ??= `the Layer 2 worker failed: ${reason}`;
    this.#ready.reject(new Error(this.#failure));
  }
}
