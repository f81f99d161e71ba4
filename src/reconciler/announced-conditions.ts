/**
 * Writes `berth.dev/Announced` into Services. The speakers tell what they do in
 * objects of their own; the leader alone writes Services, so that no node
 * needs the right to change another tenant's objects, and two can't disagree.
 * What is announced is no longer `berth.dev/unannounced`, and whoever shall
 * leave an address is moved before anything is said about it.
 */
import { readUnannounced, stillUnannounced } from '../core/announce/unannounced.ts';
import type { Service } from '../core/api/kubernetes.ts';
import { ANNOUNCED_CONDITION } from '../core/api/names.ts';
import { formatAddress } from '../core/net/address.ts';
import type { Contested } from '../core/policy/exchange.ts';
import { type AnnouncedAddress, type AnnouncedContent, announcedContent } from '../core/status/announced.ts';
import { formatTime } from '../core/status/rfc3339.ts';
import type { KubeClient } from '../kube/client.ts';
import { describe } from '../kube/kube-error.ts';
import type { Term } from '../kube/lease.ts';
import type { LiveWorld, WorldChange } from '../kube/live-world.ts';
import { servicePatch } from '../kube/service-patch.ts';
import { StatusWriter } from '../kube/status-writer.ts';
import type { Logger } from '../telemetry/logger.ts';
import { AnnouncementFacts } from './announcement-facts.ts';
import { KeyedQueue, type Verdict } from './keyed-queue.ts';
import type { Judged, Moves } from './moves.ts';

export interface AnnouncedConditionsOptions {
  readonly world: LiveWorld;
  readonly client: KubeClient;
  readonly namespace: string;
  readonly moves: Moves;
  readonly term: Term;
  readonly log: Logger;
  /** For how long no address has been given, in ms. */
  readonly allocatorIdleMs: () => number;
}

/** Speakers write one object after the other: what belongs together is one write of ours. */
const GATHER_MS = 300;
/** Probing, a failover and a slow watch lie within this: what is mended by then was no outage worth a write. */
const GRACE_MS = 3_000;
/** Addresses themselves go first: these writes take few of the apiserver's places. */
const CONCURRENCY = 4;
/** While addresses are given without such a pause, the apiserver's time is theirs, up to a limit. */
const PAUSE_MS = 200;
const YIELD_MS = 1_000;
const YIELD_AT_MOST_MS = 20_000;

export class AnnouncedConditions {
  readonly #options: AnnouncedConditionsOptions;
  readonly #facts: AnnouncementFacts;
  readonly #writer: StatusWriter;
  readonly #queue: KeyedQueue;
  readonly #reading = new AbortController();
  /** Since when a Service has been other than announced, while its condition doesn't say so. */
  readonly #since = new Map<string, number>();
  /** Since when no such pause was seen. */
  #allocatingSince: number | undefined;
  #isSynced = false;

  constructor(options: AnnouncedConditionsOptions) {
    this.#options = options;
    const { client, namespace, log } = options;
    this.#writer = new StatusWriter({ client, concurrency: CONCURRENCY });
    this.#queue = new KeyedQueue({
      work: (key) => this.#reconcile(key),
      onError: (key, error) => log.warn({ service: key, error: describe(error) }, 'Announced condition not written'),
      background: CONCURRENCY,
    });
    this.#facts = new AnnouncementFacts({
      client,
      namespace,
      log,
      signal: this.#reading.signal,
      onChange: (key) => {
        if (!this.#isSynced) return;
        if (key === undefined) this.#all();
        else this.#queue.after(key, GATHER_MS);
      },
    });
    this.#facts.synced.then(
      () => {
        this.#isSynced = true;
        this.#all();
      },
      // Stopped before: the next leader goes on.
      () => undefined,
    );
  }

  changed(change: WorldChange): void {
    if (!this.#isSynced) return;
    if (change.kind === 'service') this.#queue.after(change.key, GATHER_MS);
    if (
      change.kind === 'configuration' &&
      (change.changed.has('l2Advertisements') || change.changed.has('ipAddressPools'))
    ) {
      this.#all();
    }
  }

  /** Begins nothing more; done when every write under way has ended. */
  async stop(): Promise<void> {
    this.#reading.abort();
    await this.#queue.stop();
  }

  #all(): void {
    for (const key of this.#options.world.services().keys()) this.#queue.later(key);
  }

  #reconcile(key: string): Verdict | Promise<Verdict> {
    const { world, term } = this.#options;
    const service = world.service(key);
    if (service === undefined) {
      this.#since.delete(key);
      this.#queue.forget(key);
      return 'done';
    }
    // A write of the allocator is on its way; what it brings comes up here by itself.
    if (!term.mayWrite() || world.writes.isPending(key)) return 'done';
    const yields = this.#shallYield();
    // Whoever may have to leave an address is looked at all the same: it isn't served.
    const judged = yields && readUnannounced(service).length === 0 ? undefined : this.#judge(service);
    if (judged !== undefined && judged.leaving.length > 0) return this.#move(key, service, judged.leaving);
    if (yields) {
      this.#queue.after(key, YIELD_MS);
      return 'done';
    }
    const content = this.#contentFor(service, judged?.addresses);
    const wait = this.#graceLeft(key, service, content);
    if (wait > 0) {
      this.#queue.after(key, wait);
      return 'done';
    }
    const unannounced = judged && stillUnannounced(service, judged.addresses);
    const desired = { condition: content, unannounced };
    const patch = servicePatch(service, desired, ANNOUNCED_CONDITION, formatTime(world.world().now));
    return patch === undefined ? 'done' : this.#write(key, service, patch, content);
  }

  #shallYield(): boolean {
    if (this.#options.allocatorIdleMs() >= PAUSE_MS) {
      this.#allocatingSince = undefined;
      return false;
    }
    this.#allocatingSince ??= performance.now();
    return performance.now() - this.#allocatingSince < YIELD_AT_MOST_MS;
  }

  /** Undefined: it is not ours to announce. */
  #judge(service: Service): Judged | undefined {
    const { world, moves } = this.#options;
    if (!world.isOurs(service) || service.metadata.deletionTimestamp !== undefined) return undefined;
    return moves.judge(service, this.#facts.about(service, world.world().configuration));
  }

  /** What a move brings comes up here by itself; where it brings nothing, it is tried again. */
  async #move(key: string, service: Service, leaving: readonly Contested[]): Promise<Verdict> {
    const { log, moves } = this.#options;
    const addresses = leaving.map(({ address }) => formatAddress(address));
    log.info({ service: key, addresses, by: leaving.map(({ by }) => by) }, 'moving away from what other hosts have');
    if (await moves.go(service, leaving)) this.#queue.after(key, GRACE_MS);
    else this.#queue.now(key);
    return 'done';
  }

  /** Null: nothing is to be said, and what was said goes. Undefined: not ours to say. */
  #contentFor(
    service: Service,
    addresses: readonly AnnouncedAddress[] | undefined,
  ): AnnouncedContent | null | undefined {
    if (addresses !== undefined) return announcedContent(addresses) ?? null;
    return service.spec.type === 'LoadBalancer' ? undefined : null;
  }

  #graceLeft(key: string, service: Service, content: AnnouncedContent | null | undefined): number {
    const present = service.status?.conditions?.find(({ type }) => type === ANNOUNCED_CONDITION);
    if (content?.status !== 'False' || present?.status === 'False') {
      this.#since.delete(key);
      return 0;
    }
    const since = this.#since.get(key) ?? performance.now();
    this.#since.set(key, since);
    return since + GRACE_MS - performance.now();
  }

  async #write(
    key: string,
    service: Service,
    patch: Record<string, unknown>,
    content: AnnouncedContent | null | undefined,
  ): Promise<Verdict> {
    const { log, term } = this.#options;
    const outcome = await this.#writer.write(service, patch, term);
    switch (outcome.kind) {
      case 'written':
        log.info({ service: key, status: content?.status, reason: content?.reason }, 'Announced condition written');
        return 'done';
      case 'not-leader':
      case 'gone':
        return 'done';
      case 'outdated':
        return 'retry';
      case 'refused':
      case 'unknown':
        if (!term.signal.aborted) {
          log.warn({ service: key, error: describe(outcome.error) }, 'Announced condition not written');
        }
        return 'retry';
    }
  }
}
