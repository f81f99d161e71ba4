/**
 * Kubernetes Events (events.k8s.io/v1): told once for each change, gathered
 * when the same is told again, and never in the way of real work.
 *
 * Events are paced, and the queue is bounded: when it is full, the oldest
 * Normal event goes first, and a counter says so.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../core/api/kubernetes.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { KubeClient } from './client.ts';
import { describe, isNotFound } from './kube-error.ts';
import { microTime } from './micro-time.ts';
import { apiVersionOf, events } from './resources.ts';

export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for cluster-scoped objects; their events go to `default`. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

export interface EventToTell {
  readonly regarding: Regarding;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase: why the event happened. */
  readonly reason: string;
  /** CamelCase: what was done. */
  readonly action: string;
  /** For people; cut at 1 kB, the API's limit. */
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `berth.dev/controller`, … */
  readonly reportingController: string;
  /** The process. */
  readonly reportingInstance: string;
  readonly log: Logger;
  /** Told events that may wait to be sent; 1,000. */
  readonly capacity?: number;
  /** Sent a second in the long run; 10. */
  readonly perSecond?: number;
  /** Sent at once after a pause; 25. */
  readonly burst?: number;
}

interface Sent {
  readonly namespace: string;
  readonly name: string;
  count: number;
  /** Last told, in ms of the monotonic clock. */
  at: number;
  lastObserved: string;
  /** A patch of its series is queued. */
  pending: boolean;
}

/** The API folds repeats of one event into a series while they are less than this apart. */
const seriesGapMs = 6 * 60_000;
const rememberedEvents = 2_000;
const longestNote = 1_024;
const fieldManager = 'berth-controller';

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #capacity: number;
  readonly #warnings: (() => Promise<void>)[] = [];
  readonly #normals: (() => Promise<void>)[] = [];
  readonly #sent = new Map<string, Sent>();
  readonly #allowance: Allowance;
  readonly #stopped = new AbortController();
  #sending: Promise<void> | undefined;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 1_000;
    this.#allowance = new Allowance(options.perSecond ?? 10, options.burst ?? 25);
  }

  /** Events given up so far: the queue was full, or the apiserver refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Queues an event; never blocks, never throws. */
  tell(event: EventToTell): void {
    const { regarding, type, reason, action, note } = event;
    const identity = [
      regarding.kind,
      regarding.uid ?? `${regarding.namespace}/${regarding.name}`,
      type,
      reason,
      action,
      note,
    ].join('\0');
    const now = performance.now();
    const before = this.#sent.get(identity);
    if (before !== undefined && now - before.at < seriesGapMs) {
      before.count++;
      before.at = now;
      before.lastObserved = microTime(new Date());
      if (before.pending) return;
      before.pending = true;
      this.#queue(type, () => this.#repeat(before));
      return;
    }
    const sent: Sent = {
      namespace: regarding.namespace ?? 'default',
      name: `${regarding.name.slice(0, 200)}.${randomBytes(8).toString('hex')}`,
      count: 1,
      at: now,
      lastObserved: microTime(new Date()),
      pending: false,
    };
    this.#remember(identity, sent);
    this.#queue(type, () => this.#create(event, sent));
  }

  /** Sends what is queued, for as long as the time given; then stops for good. */
  async close(graceMs = 2_000): Promise<void> {
    this.#allowance.lift();
    const late = setTimeout(() => this.#stopped.abort(), graceMs);
    await this.#sending;
    clearTimeout(late);
    this.#stopped.abort();
  }

  #remember(identity: string, sent: Sent): void {
    this.#sent.delete(identity);
    this.#sent.set(identity, sent);
    if (this.#sent.size > rememberedEvents) {
      const oldest = this.#sent.keys().next();
      if (!oldest.done) this.#sent.delete(oldest.value);
    }
  }

  #queue(type: EventToTell['type'], send: () => Promise<void>): void {
    if (this.#stopped.signal.aborted) return;
    (type === 'Warning' ? this.#warnings : this.#normals).push(send);
    if (this.#warnings.length + this.#normals.length > this.#capacity) {
      (this.#normals.length > 0 ? this.#normals : this.#warnings).shift();
      this.#dropped++;
    }
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#warnings.length + this.#normals.length > 0) {
      await this.#allowance.take(this.#stopped.signal);
      const send = this.#warnings.shift() ?? this.#normals.shift();
      if (send === undefined || this.#stopped.signal.aborted) return;
      try {
        await send();
      } catch (error) {
        // An event is a courtesy: the condition on the object says the same.
        this.#dropped++;
        this.#options.log.debug({ error: describe(error) }, 'event not recorded');
      }
    }
  }

  async #create(event: EventToTell, sent: Sent): Promise<void> {
    const { client, reportingController, reportingInstance } = this.#options;
    const body: KubeObject & Record<string, unknown> = {
      apiVersion: apiVersionOf(events),
      kind: events.kind,
      metadata: { namespace: sent.namespace, name: sent.name },
      eventTime: sent.lastObserved,
      reportingController,
      reportingInstance: reportingInstance.slice(0, 128),
      action: event.action,
      reason: event.reason,
      type: event.type,
      note: cut(event.note, longestNote),
      regarding: event.regarding,
    };
    const signal = this.#stopped.signal;
    await client.create({ resource: events, namespace: sent.namespace }, body, { fieldManager, signal });
    if (sent.count > 1 && !sent.pending) {
      sent.pending = true;
      this.#queue(event.type, () => this.#repeat(sent));
    }
  }

  async #repeat(sent: Sent): Promise<void> {
    sent.pending = false;
    const series = { count: sent.count, lastObservedTime: sent.lastObserved };
    const target = { resource: events, namespace: sent.namespace, name: sent.name };
    try {
      await this.#options.client.patch(
        target,
        { series },
        { type: 'merge', fieldManager, signal: this.#stopped.signal },
      );
    } catch (error) {
      // Swept away by the apiserver's TTL, or never created: the next telling begins anew.
      if (!isNotFound(error)) throw error;
      sent.at = Number.NEGATIVE_INFINITY;
    }
  }
}

/** A token bucket. */
class Allowance {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = performance.now();
  #lifted = false;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** From now on nobody waits. */
  lift(): void {
    this.#lifted = true;
  }

  async take(signal: AbortSignal): Promise<void> {
    while (!this.#lifted && !signal.aborted) {
      const now = performance.now();
      this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
      this.#at = now;
      if (this.#tokens >= 1) {
        this.#tokens--;
        return;
      }
      await sleep(Math.min(200, ((1 - this.#tokens) / this.#perSecond) * 1000));
    }
  }
}

function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = Buffer.from(text)
    .subarray(0, bytes - 3)
    .toString('utf8');
  // A character that was cut in two shows as U+FFFD.
  return `${room.replace(/\uFFFD$/, '')}…`;
}
