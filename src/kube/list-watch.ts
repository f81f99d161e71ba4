/**
 * Keeps a copy of all objects of one kind, and tells each change once, in order.
 *
 * A consistent list, then a watch with bookmarks from there; a watch that ends
 * goes on from the last version seen; one that can't (410) lists again, and the
 * difference is told as if it had been watched. resourceVersions are opaque:
 * only ever handed back.
 */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../core/api/kubernetes.ts';
import { Backoff } from './backoff.ts';
import type { KubeClient, KubeList, Query } from './client.ts';
import { isExpired, KubeError } from './kube-error.ts';
import { LineSplitter } from './line-splitter.ts';
import { type Change, ObjectStore } from './object-store.ts';
import { pathOf, type Resource } from './resources.ts';
import { slim } from './slim.ts';

export interface WatchOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Undefined: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Metadata alone (PartialObjectMetadata): a small part of the bytes. */
  readonly metadataOnly?: boolean;
  /** What to keep of each object; may change it in place. managedFields are gone by then. */
  readonly keep?: (object: T) => T;
  /** Called for each change, one at a time, in order; it must not throw. */
  readonly onChange?: (change: Change<T>) => void;
  /** Called when the copy is complete for the first time, and after each list. */
  readonly onListed?: () => void;
  /** Called where the apiserver doesn't answer as it should; the watch goes on by itself. */
  readonly onTrouble?: (error: unknown) => void;
  /** Called when trouble is over: the copy is as new as the apiserver's again. */
  readonly onWell?: () => void;
  readonly signal: AbortSignal;
  /** Silence after which a watch is taken for dead; bookmarks come once a minute. 150 s. */
  readonly stallMs?: number;
}

export interface KindWatch<T extends KubeObject> {
  readonly objects: ReadonlyMap<string, T>;
  get(key: string): T | undefined;
  /** Done when the copy is complete for the first time. Rejects if stopped before. */
  readonly synced: Promise<void>;
  /** Why the copy may be behind; undefined while the watch is healthy. */
  trouble(): string | undefined;
  /** Lists anew, consistently, and tells the difference: everything committed before the call is then known. */
  relist(): Promise<void>;
  /** Done when the signal has ended the watch. */
  readonly done: Promise<void>;
}

const pageSize = 500;
const listTimeoutMs = 60_000;
const backoffFirstMs = 200;
const backoffLongestMs = 15_000;
/** An apiserver that can't go on from a version says so at once: a stream that is open and silent for so long has missed nothing. */
const quietMs = 1_000;
const metadataOnlyList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const metadataOnlyObject = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** Starts to keep a copy of a kind. It goes on until the signal is aborted. */
export function watchKind<T extends KubeObject>(options: WatchOptions<T>): KindWatch<T> {
  return new RunningWatch(options);
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

class RunningWatch<T extends KubeObject> implements KindWatch<T> {
  readonly #options: WatchOptions<T>;
  readonly #store = new ObjectStore<T>();
  readonly #path: string;
  readonly #backoff = new Backoff(backoffFirstMs, backoffLongestMs);
  readonly #synced = Promise.withResolvers<void>();
  readonly done: Promise<void>;
  #isSynced = false;
  #trouble: string | undefined = 'not listed yet';
  /** A list was tried, and no watch has gone well since. */
  #justListed = false;
  /** Where the next watch goes on; undefined: a list is due. */
  #resourceVersion: string | undefined;
  /** Ends the present stream or wait, so that a list can come first. */
  #interrupt = new AbortController();
  #relists: PromiseWithResolvers<void>[] = [];

  constructor(options: WatchOptions<T>) {
    this.#options = options;
    this.#path = pathOf(options.resource, options.namespace);
    // A stop before the first list is no defect of whoever doesn't wait for it.
    this.#synced.promise.catch(() => undefined);
    this.done = this.#run();
  }

  get objects(): ReadonlyMap<string, T> {
    return this.#store.objects;
  }

  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get(key: string): T | undefined {
    return this.#store.objects.get(key);
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  relist(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    if (this.#options.signal.aborted) waiting.reject(this.#options.signal.reason);
    else this.#relists.push(waiting);
    this.#interrupt.abort();
    return waiting.promise;
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      this.#interrupt = new AbortController();
      const either = AbortSignal.any([signal, this.#interrupt.signal]);
      try {
        if (this.#resourceVersion === undefined || this.#relists.length > 0) await this.#list();
        if (this.#relists.length > 0) continue;
        await this.#watch(either);
      } catch (error) {
        if (signal.aborted) break;
        if (this.#interrupt.signal.aborted) continue;
        if (isExpired(error)) {
          this.#resourceVersion = undefined;
          // The ordinary end of a long pause, and an apiserver that answers: list at once.
          if (!this.#justListed) continue;
        }
        await this.#pause(error, either);
      }
    }
    const reason = signal.reason ?? new Error('stopped');
    if (!this.#isSynced) this.#synced.reject(reason);
    for (const waiting of this.#relists) waiting.reject(reason);
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    this.#trouble = error instanceof Error ? error.message : String(error);
    this.#options.onTrouble?.(error);
    // Whoever says when to come back is there: no need to guess longer and longer.
    const asked = error instanceof KubeError ? error.retryAfterMs : undefined;
    const wait = asked === undefined ? this.#backoff.next() : Math.max(asked, backoffFirstMs) * (1 + Math.random() / 4);
    await sleep(wait, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** All pages of a list that is as fresh as etcd itself (no resourceVersion asked for). */
  async #list(): Promise<void> {
    const served = this.#relists;
    this.#relists = [];
    this.#justListed = true;
    const objects: T[] = [];
    let next: string | undefined;
    let resourceVersion: string;
    try {
      do {
        const page = await this.#page(next);
        for (const item of page.items) objects.push(this.#kept(item));
        next = page.metadata.continue || undefined;
        resourceVersion = page.metadata.resourceVersion;
      } while (next !== undefined);
    } catch (error) {
      this.#relists.push(...served);
      throw error;
    }
    this.#resourceVersion = resourceVersion;
    for (const change of this.#store.replace(objects)) this.#options.onChange?.(change);
    this.#well();
    if (!this.#isSynced) {
      this.#isSynced = true;
      this.#synced.resolve();
    }
    this.#options.onListed?.();
    for (const waiting of served) waiting.resolve();
  }

  #page(next: string | undefined): Promise<KubeList<T>> {
    return this.#options.client.request<KubeList<T>>('GET', this.#path, {
      query: { ...this.#selectors(), limit: pageSize, continue: next },
      signal: this.#options.signal,
      timeoutMs: listTimeoutMs,
      ...(this.#options.metadataOnly && { accept: metadataOnlyList }),
    });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const stallMs = this.#options.stallMs ?? 150_000;
    const answer = await this.#options.client.stream(this.#path, {
      query: {
        ...this.#selectors(),
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: this.#resourceVersion,
        // Spread, so that the watches of many clients don't all end at one moment.
        timeoutSeconds: Math.round(300 + Math.random() * 300),
      },
      signal,
      ...(this.#options.metadataOnly && { accept: metadataOnlyObject }),
    });
    await this.#consume(answer, stallMs);
  }

  #consume(answer: IncomingMessage, stallMs: number): Promise<void> {
    const lines = new LineSplitter();
    const openedAt = performance.now();
    let problem: unknown;
    return new Promise((resolve, reject) => {
      const stall = setTimeout(() => answer.destroy(new Error(`nothing heard for ${stallMs} ms`)), stallMs);
      const quiet = setTimeout(() => this.#goesWell(), quietMs);
      answer.on('data', (chunk: Buffer) => {
        stall.refresh();
        try {
          lines.push(chunk, (line) => this.#take(line));
        } catch (error) {
          problem = error;
          answer.destroy();
        }
      });
      answer.on('error', (error) => {
        problem ??= error;
      });
      answer.once('close', () => {
        clearTimeout(stall);
        clearTimeout(quiet);
        if (problem !== undefined) reject(problem);
        // A watch that ends as soon as it begins must not spin.
        else if (performance.now() - openedAt < backoffFirstMs)
          reject(new KubeError(0, 'NoAnswer', 'watch ended at once'));
        else resolve();
      });
    });
  }

  #take(line: string): void {
    const event = JSON.parse(line) as WatchEvent<T>;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#resourceVersion = event.object.metadata.resourceVersion;
        this.#tell(this.#store.put(this.#kept(event.object)));
        break;
      case 'DELETED': {
        this.#resourceVersion = event.object.metadata.resourceVersion;
        const { namespace, name } = event.object.metadata;
        this.#tell(this.#store.remove(namespace === undefined ? name : `${namespace}/${name}`));
        break;
      }
      case 'BOOKMARK':
        this.#resourceVersion = event.object.metadata.resourceVersion;
        break;
      case 'ERROR':
        throw errorOfEvent(event.object);
    }
    this.#goesWell();
  }

  #tell(change: Change<T> | undefined): void {
    if (change !== undefined) this.#options.onChange?.(change);
  }

  #goesWell(): void {
    this.#justListed = false;
    this.#backoff.reset();
    this.#well();
  }

  #well(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.onWell?.();
  }

  #kept(object: T): T {
    const slimmed = slim(object);
    return this.#options.keep === undefined ? slimmed : this.#options.keep(slimmed);
  }

  #selectors(): Query {
    return { labelSelector: this.#options.labelSelector, fieldSelector: this.#options.fieldSelector };
  }
}

function errorOfEvent(status: unknown): KubeError {
  const {
    code = 500,
    reason = 'Unknown',
    message = 'no message',
  } = status as {
    code?: number;
    reason?: string;
    message?: string;
  };
  return new KubeError(code, reason, `watch: ${code} ${reason}: ${message}`);
}
