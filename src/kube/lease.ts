/**
 * Leader election on a coordination.k8s.io/v1 Lease, and the right to write
 * that comes with it.
 *
 *     leader    |-- renew sent ---- may write ----|10 s          (own monotonic clock)
 *     others    |---- renewal seen ----------------------|15 s   (their monotonic clocks)
 *
 * The leader counts from before it sent the renewal, the others from after they
 * saw it, so that its right ends at least 5 s before theirs can begin. No wall
 * clock is compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../core/api/kubernetes.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { KubeClient } from './client.ts';
import { describe, isAlreadyExists, isConflict, isNotFound } from './kube-error.ts';
import { watchKind } from './list-watch.ts';
import { microTime } from './micro-time.ts';
import { apiVersionOf, leases } from './resources.ts';

export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** One turn as the leader. */
export interface Term {
  /** Aborted at a clean stop: begin nothing new, finish what is under way. */
  readonly stopping: AbortSignal;
  /** Aborted when the right to write is over: give up what is under way. */
  readonly signal: AbortSignal;
  /** Asked right before each write: a process that was frozen wakes up here before its timers run. */
  mayWrite(): boolean;
}

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process: a pod's name alone comes back after a restart of its container. */
  readonly identity: string;
  readonly log: Logger;
  /** 15 s. */
  readonly durationMs?: number;
  /** 10 s; well below the duration. */
  readonly renewDeadlineMs?: number;
  /** 2 s. */
  readonly retryMs?: number;
  readonly monotonicMs?: () => number;
}

export class LeaderLease {
  readonly #options: LeaseOptions;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  readonly #clock: () => number;
  /** The Lease as last seen, and when its last change was seen. */
  #seen: { readonly version: string; readonly at: number } | undefined;
  #term: Term | undefined;
  /** The Lease changed while an attempt was under way. */
  #changed = false;
  #wake = (): void => {
    this.#changed = true;
  };

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#durationMs = options.durationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryMs ?? 2_000;
    this.#clock = options.monotonicMs ?? (() => performance.now());
  }

  get identity(): string {
    return this.#options.identity;
  }

  /** Whether this process may write now. */
  isLeader(): boolean {
    return this.#term?.mayWrite() ?? false;
  }

  /**
   * Takes turns until the signal is aborted. `lead` is called once a turn and
   * must return soon after `term.stopping` or `term.signal` is aborted; then the
   * Lease is given back, so that another can take it at once.
   */
  async run(signal: AbortSignal, lead: (term: Term) => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const { client, namespace, name } = this.#options;
    // A hint only: a release is seen at once. The truth is read before each attempt.
    const watch = watchKind<Lease>({
      client,
      resource: leases,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      onChange: () => this.#wake(),
      signal: AbortSignal.any([signal, ended.signal]),
    });
    try {
      while (!signal.aborted) {
        const held = await this.#tryAcquire();
        if (held !== undefined) await this.#lead(held, signal, lead);
        else await this.#pauseUntilChange(signal);
      }
    } finally {
      ended.abort();
      await watch.done;
    }
  }

  async #pauseUntilChange(signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    this.#wake = () => changed.abort();
    if (this.#changed) changed.abort();
    const either = AbortSignal.any([signal, changed.signal]);
    await sleep(this.#retryMs * (0.8 + Math.random() * 0.4), undefined, { signal: either }).catch((error: unknown) => {
      if (!either.aborted) throw error;
    });
    this.#changed = false;
    this.#wake = () => {
      this.#changed = true;
    };
  }

  /** The Lease where it is ours now, with the moment from which it counts. */
  async #tryAcquire(): Promise<Held | undefined> {
    const { client, identity, log } = this.#options;
    try {
      const lease = await this.#read();
      const sentAt = this.#clock();
      if (lease === undefined) {
        const made = await client.create<Lease>(this.#collection(), this.#body(undefined, 0), this.#write());
        return { lease: made, renewedAt: sentAt };
      }
      if (!this.#isFree(lease)) return undefined;
      const transitions = (lease.spec?.leaseTransitions ?? 0) + (lease.spec?.holderIdentity === identity ? 0 : 1);
      const taken = await client.replace<Lease>(this.#target(), this.#body(lease, transitions), this.#write());
      return { lease: taken, renewedAt: sentAt };
    } catch (error) {
      // Another was faster, or the apiserver doesn't answer: both mean to try again later.
      if (!isConflict(error) && !isAlreadyExists(error)) log.warn({ error: describe(error) }, 'lease not reachable');
      return undefined;
    }
  }

  async #read(): Promise<Lease | undefined> {
    try {
      const lease = await this.#options.client.get<Lease>(this.#target(), { timeoutMs: this.#deadlineMs / 2 });
      const version = `${lease.metadata.uid}/${lease.metadata.resourceVersion}`;
      if (this.#seen?.version !== version) this.#seen = { version, at: this.#clock() };
      return lease;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #isFree(lease: Lease): boolean {
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.#options.identity) return true;
    const durationMs = Math.max(this.#durationMs, (lease.spec?.leaseDurationSeconds ?? 0) * 1000);
    return this.#seen !== undefined && this.#clock() - this.#seen.at > durationMs;
  }

  async #lead(first: Held, stop: AbortSignal, lead: (term: Term) => Promise<void>): Promise<void> {
    const { log, client, identity } = this.#options;
    const over = new AbortController();
    let held = first;
    const rightEnds = (): number => held.renewedAt + this.#deadlineMs;
    const lose = (why: string): void => {
      if (over.signal.aborted) return;
      log.warn({ identity, reason: why }, 'leadership lost');
      // First of all: what was sent must not arrive later, when another leads.
      // An aborted call alone would leave its bytes to the kernel, which goes on sending them.
      client.sever();
      over.abort(new Error(`leadership lost: ${why}`));
    };
    const guard = setInterval(
      () => {
        if (this.#clock() >= rightEnds()) lose(`not renewed within ${this.#deadlineMs} ms`);
      },
      Math.min(250, this.#deadlineMs / 10),
    );
    const term: Term = {
      stopping: AbortSignal.any([stop, over.signal]),
      signal: over.signal,
      mayWrite: () => !over.signal.aborted && this.#clock() < rightEnds(),
    };
    this.#term = term;
    log.info({ identity, transitions: first.lease.spec?.leaseTransitions ?? 0 }, 'leadership acquired');
    const led = new AbortController();
    const work = lead(term).finally(() => led.abort());
    // A lead that fails is told by `await work` below, after the renewals have ended.
    work.catch(() => undefined);
    while (!led.signal.aborted && !over.signal.aborted) {
      const either = AbortSignal.any([led.signal, over.signal]);
      await sleep(this.#retryMs, undefined, { signal: either }).catch((error: unknown) => {
        if (!either.aborted) throw error;
      });
      if (either.aborted) break;
      const renewed = await this.#renew(held, over.signal);
      if (renewed === 'lost') lose('another holds the lease');
      else if (renewed !== 'unknown') held = renewed;
    }
    await work.finally(() => {
      clearInterval(guard);
      this.#term = undefined;
    });
    if (!over.signal.aborted) await this.#release(held);
    over.abort(new Error('leadership given back'));
  }

  async #renew(held: Held, signal: AbortSignal): Promise<Held | 'lost' | 'unknown'> {
    const { client, identity, log } = this.#options;
    const options = { ...this.#write(), signal, timeoutMs: this.#deadlineMs / 2 };
    try {
      const sentAt = this.#clock();
      const transitions = held.lease.spec?.leaseTransitions ?? 0;
      const lease = await client.replace<Lease>(this.#target(), this.#body(held.lease, transitions), options);
      return { lease, renewedAt: sentAt };
    } catch (error) {
      if (signal.aborted) return 'unknown';
      if (!isConflict(error) && !isNotFound(error)) {
        log.warn({ error: describe(error) }, 'lease not renewed');
        return 'unknown';
      }
    }
    // Changed by somebody: a label, or a renewal of ours whose answer was lost, leaves it ours.
    try {
      const lease = await this.#read();
      if (lease?.spec?.holderIdentity !== identity) return 'lost';
      return { lease, renewedAt: held.renewedAt };
    } catch (error) {
      log.warn({ error: describe(error) }, 'lease not renewed');
      return 'unknown';
    }
  }

  async #release(held: Held): Promise<void> {
    const { client, log, identity } = this.#options;
    const body = this.#body(held.lease, held.lease.spec?.leaseTransitions ?? 0);
    const free = { ...body, spec: { ...body.spec, holderIdentity: '', leaseDurationSeconds: 1 } };
    try {
      await client.replace<Lease>(this.#target(), free, { ...this.#write(), timeoutMs: this.#deadlineMs / 2 });
      log.info({ identity }, 'leadership given back');
    } catch (error) {
      // It runs out by itself.
      log.warn({ error: describe(error) }, 'lease not given back');
    }
  }

  #body(lease: Lease | undefined, transitions: number): Lease {
    const now = microTime(new Date());
    const { namespace, name, identity } = this.#options;
    const mine = lease?.spec?.holderIdentity === identity;
    return {
      apiVersion: apiVersionOf(leases),
      kind: leases.kind,
      metadata: lease?.metadata ?? { namespace, name },
      spec: {
        ...lease?.spec,
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
        acquireTime: (mine ? lease?.spec?.acquireTime : undefined) ?? now,
        renewTime: now,
        leaseTransitions: transitions,
      },
    };
  }

  #collection(): { resource: typeof leases; namespace: string } {
    return { resource: leases, namespace: this.#options.namespace };
  }

  #target(): { resource: typeof leases; namespace: string; name: string } {
    return { ...this.#collection(), name: this.#options.name };
  }

  #write(): { fieldManager: string } {
    return { fieldManager: 'berth-controller' };
  }
}

interface Held {
  readonly lease: Lease;
  /** On the own clock, before the request that made it ours was sent. */
  readonly renewedAt: number;
}
