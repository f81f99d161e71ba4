/**
 * Brings each Service to what is decided for it. Level-based: an event only
 * says which Service to look at; what is done depends on what is there.
 */
import type { Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_CONDITION, ALLOCATED_FROM_POOL } from '../core/api/names.ts';
import type { ServiceRequest } from '../core/config/service-request.ts';
import { compareAge } from '../core/ipam/claim.ts';
import { type Address, formatAddress } from '../core/net/address.ts';
import { conflictsIn } from '../core/policy/conflicts.ts';
import { decide } from '../core/policy/decide.ts';
import type { Decision } from '../core/policy/decision.ts';
import { type Contested, exchange } from '../core/policy/exchange.ts';
import { conflictEvent, decisionEvent, type Event, releasedEvent } from '../core/status/events.ts';
import { formatTime } from '../core/status/rfc3339.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import { describe } from '../kube/kube-error.ts';
import type { Term } from '../kube/lease.ts';
import { claimOf, type LiveWorld, type WorldChange } from '../kube/live-world.ts';
import { type DesiredStatus, servicePatch } from '../kube/service-patch.ts';
import type { StatusWriter, WriteOutcome } from '../kube/status-writer.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Desired, desiredStatus } from './desired-status.ts';
import type { HoldDowns } from './hold-downs.ts';
import { KeyedQueue, type Verdict } from './keyed-queue.ts';
import type { ReconcilerMetrics } from './metrics.ts';
import { waiterOf } from './waiter-of.ts';
import { Waiters } from './waiters.ts';

export interface ServiceReconcilerOptions {
  readonly world: LiveWorld;
  readonly writer: StatusWriter;
  readonly events: EventRecorder;
  readonly metrics: ReconcilerMetrics;
  readonly log: Logger;
  readonly term: Term;
  readonly holdDowns: Pick<HoldDowns, 'allocated'>;
}

/** A write whose outcome isn't known: only the very same one may follow it while the Service is as it was. */
interface Unsettled {
  readonly base: string | undefined;
  readonly write: Write;
}

/** All that one write carries and all that is told once it is made. */
interface Write {
  readonly service: Service;
  readonly patch: Record<string, unknown>;
  readonly addresses: readonly Address[];
  readonly pool: string | undefined;
  readonly event: Event | undefined;
  readonly because: string;
}

/**
 * How long a first bad answer must last before it is told: a pool or namespace
 * that was made a moment before its Service may come by its own watch a moment later.
 */
const graceMs = 400;

/** Failures in a row after which the rest of the waiters is asked in the background. */
const patience = 32;

export class ServiceReconciler {
  readonly #options: ServiceReconcilerOptions;
  readonly #queue: KeyedQueue;
  readonly #waiters = new Waiters();
  readonly #unsettled = new Map<string, Unsettled>();
  /** Addresses that the Service which is looked at shall not keep. */
  readonly #contested = new Map<string, readonly Contested[]>();
  /** When a Service without an address was first looked at. */
  readonly #unserved = new Map<string, number>();

  constructor(options: ServiceReconcilerOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({
      work: (key) => this.#reconcile(key),
      onError: (key, error) => {
        options.metrics.failed();
        options.log.error({ service: key, error: describe(error) }, 'reconcile failed');
      },
    });
    options.metrics.observeQueue(() => this.#queue.size);
    options.metrics.observeWaiting(() => this.#waiters.all());
  }

  /**
   * The first look: what is in conflict is told, then every Service is brought
   * to what is decided for it. Done when each has come up once.
   */
  begin(): Promise<void> {
    for (const conflict of conflictsIn(this.#options.world.world())) {
      const { type, reason, message } = conflictEvent(conflict);
      for (const { key } of [conflict.keeper, conflict.loser]) {
        const service = this.#options.world.service(key);
        if (service !== undefined) this.#tellEvent(service, { type, reason, message });
      }
    }
    this.all();
    return this.#queue.caughtUp();
  }

  /** Looks at every Service behind what is urgent: those that hold addresses first, the elder first. */
  all(): void {
    const { world } = this.#options;
    const holders = [...world.world().ledger.claims()].sort(compareAge).map(({ key }) => key);
    const holding = new Set(holders);
    const others = [...world.services()]
      .filter(([key, service]) => !holding.has(key) && (world.isOurs(service) || hasOurTraces(service)))
      .map(([key, { metadata }]) => ({ key, order: `${metadata.creationTimestamp ?? ''} ${key}` }))
      .sort((a, b) => (a.order < b.order ? -1 : 1));
    for (const key of holders) this.#queue.later(key);
    for (const { key } of others) this.#queue.later(key);
  }

  /** Asks every waiter again behind what is urgent, the eldest first. */
  waiters(): void {
    for (const { key } of this.#waiters.byAge()) this.#queue.later(key);
  }

  /** Gives a Service other addresses in place of these, now or not at all: who asks sees what came of it. */
  exchange(key: string, contested: readonly Contested[]): void {
    this.#contested.set(key, contested);
    this.#queue.now(key);
    // Where the Service was at work already, nobody has looked.
    this.#contested.delete(key);
  }

  changed(change: WorldChange): void {
    switch (change.kind) {
      case 'service':
        this.#queue.now(change.key);
        break;
      case 'claim':
        if (change.lost.length > 0) this.#released(change);
        break;
      case 'namespace':
        for (const waiter of this.#waiters.all()) if (waiter.namespace === change.name) this.#queue.later(waiter.key);
        break;
      case 'configuration':
        // Policies and reservations take nothing from anybody; only pools can leave an address outside.
        if (concerns(change.changed, ['ipAddressPools', 'nodes', 'addressPolicies', 'addressReservations']))
          this.waiters();
        if (concerns(change.changed, ['ipAddressPools', 'nodes'])) this.all();
        break;
      case 'caught-up':
        this.all();
        break;
    }
  }

  /** Begins nothing more; done when every write under way has ended. */
  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #released(change: Extract<WorldChange, { kind: 'claim' }>): void {
    const { world } = this.#options;
    const { before, lost, gone } = change;
    if (before === undefined) return;
    if (gone) {
      const service = world.service(before.key);
      if (service?.metadata.uid === before.uid) this.#tellEvent(service, releasedEvent(lost, before.pool ?? ''));
    }
    const { ledger } = world.world();
    const pools = lost.flatMap((address) => {
      const pool = ledger.poolOf(address);
      return pool === undefined ? [] : [{ pool: pool.name, family: address.family }];
    });
    const freed = {
      namespace: before.namespace,
      sharingKey: before.sharingKey,
      addresses: lost.map(formatAddress),
      pools,
    };
    const hasFree = (pool: string, family: Address['family']): boolean => ledger.counts(pool)[family].available > 0n;
    let failures = 0;
    for (const { key } of this.#waiters.candidates(freed, hasFree)) {
      if (failures >= patience) {
        this.#queue.later(key);
        continue;
      }
      this.#queue.now(key);
      failures = this.#waiters.has(key) ? failures + 1 : 0;
    }
  }

  #reconcile(key: string): Verdict | Promise<Verdict> {
    const { world, term } = this.#options;
    if (!term.mayWrite()) return 'done';
    const service = world.service(key);
    if (service === undefined) {
      this.#waiters.delete(key);
      this.#unsettled.delete(key);
      this.#unserved.delete(key);
      this.#queue.forget(key);
      return 'done';
    }
    const unsettled = this.#unsettled.get(key);
    if (unsettled !== undefined && unsettled.base === service.metadata.resourceVersion) {
      return this.#write(key, unsettled.write);
    }
    this.#unsettled.delete(key);
    // What was written isn't seen yet; when it is, this Service comes up again.
    if (world.writes.isPending(key)) return 'done';
    // Once it has caught up, every Service comes up.
    if (world.behind() !== undefined) return 'done';
    if (!world.isOurs(service)) return this.#clear(key, service);
    return this.#serve(key, service);
  }

  #serve(key: string, service: Service): Verdict | Promise<Verdict> {
    const { world, metrics } = this.#options;
    const request = world.request(service);
    const now = world.world();
    const held = now.ledger.get(key);
    // What is on its way out gets nothing new.
    if (service.metadata.deletionTimestamp !== undefined && held === undefined) {
      this.#waiters.delete(key);
      return 'done';
    }
    if (held === undefined && !this.#unserved.has(key)) this.#unserved.set(key, performance.now());
    const contested = this.#contested.get(key);
    const decision = (contested && exchange(request, now, contested)) ?? decide(request, now);
    this.#note(request, decision);
    const desired = desiredStatus(service, held, decision, now);
    if (desired === undefined) return 'done';
    const wait = this.#graceLeft(key, decision, desired);
    if (wait > 0) {
      this.#queue.after(key, wait);
      return 'done';
    }
    const patch = servicePatch(service, desired.status, ALLOCATED_CONDITION, formatTime(now.now));
    if (patch === undefined) return 'done';
    metrics.decided(decision);
    return this.#write(key, {
      service,
      patch,
      addresses: desired.addresses,
      pool: desired.pool,
      event: decisionEvent(decision, desired.previous, desired.condition),
      because: sentenceOf(decision, desired),
    });
  }

  #graceLeft(key: string, decision: Decision, { previous }: Desired): number {
    if (decision.kind === 'assigned' || decision.released.length > 0 || previous !== undefined) return 0;
    const since = this.#unserved.get(key);
    return since === undefined ? 0 : graceMs - (performance.now() - since);
  }

  #note(request: ServiceRequest, decision: Decision): void {
    const waiter = waiterOf(request, decision, this.#options.world.world().configuration.pools);
    if (waiter === undefined) this.#waiters.delete(request.key);
    else this.#waiters.add(waiter);
  }

  /** Takes our own words off a Service that is ours no more. Its addresses are free already. */
  #clear(key: string, service: Service): Verdict | Promise<Verdict> {
    this.#waiters.delete(key);
    if (!hasOurTraces(service)) return 'done';
    const desired: DesiredStatus = { pool: null, unannounced: [], condition: null };
    const patch = servicePatch(service, desired, ALLOCATED_CONDITION, '');
    if (patch === undefined) return 'done';
    const pool = service.metadata.annotations?.[ALLOCATED_FROM_POOL];
    const because = 'the Service no longer asks for a load balancer of ours';
    return this.#write(key, { service, patch, addresses: [], pool, event: undefined, because });
  }

  async #write(key: string, write: Write): Promise<Verdict> {
    const { world, writer, term, metrics } = this.#options;
    const { service, patch, addresses, pool } = write;
    const { uid = '', resourceVersion = '' } = service.metadata;
    const startedAt = performance.now();
    world.writes.begin(claimOf(world.request(service), addresses, pool), { uid, resourceVersion });
    const outcome = await writer.write(service, patch, term);
    metrics.wrote(outcome.kind, (performance.now() - startedAt) / 1000);
    return this.#settle(key, write, outcome);
  }

  #settle(key: string, write: Write, outcome: WriteOutcome): Verdict {
    const { world, log, term } = this.#options;
    switch (outcome.kind) {
      case 'written':
        this.#unsettled.delete(key);
        world.writes.confirm(key, outcome.service.metadata.resourceVersion ?? '');
        this.#tell(key, write);
        return 'done';
      case 'refused':
        world.writes.withdraw(key);
        if (this.#queue.failures(key) === 0) {
          this.#tellEvent(write.service, {
            type: 'Warning',
            reason: 'StatusWriteRefused',
            message: outcome.error.message,
          });
        }
        log.warn({ service: key, error: outcome.error.message }, 'status write refused');
        return 'retry';
      case 'not-leader':
        world.writes.withdraw(key);
        return 'done';
      case 'outdated':
      case 'gone':
      case 'unknown':
        // Nobody knows yet what is there now: the next sight of it tells, or the same write once more.
        world.writes.doubt(key);
        this.#unsettled.set(key, { base: write.service.metadata.resourceVersion, write });
        if (outcome.kind === 'unknown' && !term.signal.aborted) {
          log.warn({ service: key, error: describe(outcome.error) }, 'status write unanswered');
        }
        return 'retry';
    }
  }

  #tell(key: string, { service, addresses, pool, event, because }: Write): void {
    const { log, holdDowns, metrics } = this.#options;
    const { namespace = '', name } = service.metadata;
    const texts = addresses.map(formatAddress);
    log.info({ service: key, pool, address: texts.join(','), reason: event?.reason, because }, 'status written');
    if (addresses.length > 0) {
      holdDowns.allocated(namespace, name);
      const since = this.#unserved.get(key);
      if (since !== undefined) metrics.allocated((performance.now() - since) / 1000);
      this.#unserved.delete(key);
    }
    if (event !== undefined) this.#tellEvent(service, event);
  }

  #tellEvent(service: Service, { type, reason, message }: Event): void {
    const { namespace = '', name, uid } = service.metadata;
    this.#options.events.tell({
      regarding: { apiVersion: 'v1', kind: 'Service', namespace, name, ...(uid !== undefined && { uid }) },
      type,
      reason,
      action: 'Allocate',
      note: message,
    });
  }
}

function sentenceOf(decision: Decision, desired: Desired): string {
  return decision.kind === 'assigned' ? decision.because : desired.condition.message;
}

/**
 * Whether a Service that asks for no load balancer still says that we serve it.
 * One of another class is never touched: the condition on it may be that of
 * another Berth.
 */
function hasOurTraces(service: Service): boolean {
  const told = service.status?.conditions?.some(({ type }) => type === ALLOCATED_CONDITION) ?? false;
  return told && service.spec.type !== 'LoadBalancer';
}

function concerns(changed: ReadonlySet<string>, lists: readonly string[]): boolean {
  return lists.some((list) => changed.has(list));
}
