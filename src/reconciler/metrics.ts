/** What the reconciler counts. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Decision } from '../core/policy/decision.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import type { LiveWorld } from '../kube/live-world.ts';
import type { WriteOutcome } from '../kube/status-writer.ts';
import { metricNames } from '../telemetry/metric-names.ts';
import type { Waiter } from './waiters.ts';

export class ReconcilerMetrics {
  readonly #decisions: Counter<'outcome' | 'reason'>;
  readonly #writes: Counter<'outcome'>;
  readonly #writeSeconds: Histogram;
  readonly #allocationSeconds: Histogram;
  readonly #errors: Counter;
  readonly #leader: Gauge;
  #queueSize: () => number = () => 0;
  #waiting: () => Iterable<Waiter> = () => [];

  /** Registers everything; once a process. */
  constructor(registry: Registry, world: LiveWorld, events: EventRecorder) {
    const registers = [registry];
    this.#decisions = new Counter({
      name: metricNames.decisions,
      help: 'Decisions carried out for Services, by outcome and, where one is missing, by reason.',
      labelNames: ['outcome', 'reason'],
      registers,
    });
    this.#writes = new Counter({
      name: metricNames.statusWrites,
      help: 'Writes of Service statuses by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    const buckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
    this.#writeSeconds = new Histogram({
      name: metricNames.statusWriteSeconds,
      help: 'Time of one write of a Service status, waiting for its turn included.',
      buckets,
      registers,
    });
    this.#allocationSeconds = new Histogram({
      name: metricNames.allocationSeconds,
      help: 'Time from the first sight of a Service without an address to its written address.',
      buckets: [...buckets, 60, 600],
      registers,
    });
    this.#errors = new Counter({
      name: metricNames.k8sUpdateErrors,
      help: 'Changes of objects whose handling failed.',
      registers,
    });
    const updates = new Counter({
      name: metricNames.k8sUpdates,
      help: 'Changes of Services that were handled.',
      registers,
    });
    world.onChange(({ kind }) => {
      if (kind === 'service') updates.inc();
    });
    new Counter({
      name: metricNames.eventsDropped,
      help: 'Kubernetes Events that were given up.',
      registers,
      collect() {
        this.reset();
        this.inc(events.dropped);
      },
    });
    new Gauge({
      name: metricNames.k8sConfigLoaded,
      help: '1 once the configuration was read.',
      registers,
      collect() {
        this.set(world.isSynced ? 1 : 0);
      },
    });
    new Gauge({
      name: metricNames.k8sConfigStale,
      help: '1 while a watch is interrupted, so that what is known may be old.',
      registers,
      collect() {
        this.set(world.trouble() === undefined ? 0 : 1);
      },
    });
    this.#leader = new Gauge({ name: metricNames.leader, help: 'Whether this replica reconciles.', registers });
    const queueSize = (): number => this.#queueSize();
    new Gauge({
      name: metricNames.queueDepth,
      help: 'Services at work, in the background queue or backing off.',
      registers,
      collect() {
        this.set(queueSize());
      },
    });
    const waiting = (): Iterable<Waiter> => this.#waiting();
    new Gauge({
      name: metricNames.servicesWaiting,
      help: 'Services that lack an address or a part of what they ask for, by reason.',
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset();
        for (const { reason } of waiting()) this.inc({ reason });
      },
    });
    registerPools(registers, world);
  }

  observeQueue(size: () => number): void {
    this.#queueSize = size;
  }

  observeWaiting(waiting: () => Iterable<Waiter>): void {
    this.#waiting = waiting;
  }

  decided(decision: Decision): void {
    const reason = decision.kind === 'assigned' ? (decision.unmet?.reason ?? '') : decision.reason;
    this.#decisions.inc({ outcome: decision.kind, reason });
  }

  wrote(outcome: WriteOutcome['kind'], seconds: number): void {
    this.#writes.inc({ outcome });
    this.#writeSeconds.observe(seconds);
  }

  allocated(seconds: number): void {
    this.#allocationSeconds.observe(seconds);
  }

  failed(): void {
    this.#errors.inc();
  }

  leads(leading: boolean): void {
    this.#leader.set(leading ? 1 : 0);
    if (leading) return;
    this.#queueSize = () => 0;
    this.#waiting = () => [];
  }
}

/** Read from the ledger at each scrape: nothing is counted twice, and no work is done between. */
function registerPools(registers: Registry[], world: LiveWorld): void {
  const pools = (): Iterable<string> => world.world().configuration.pools.keys();
  const asMetallbCounts = (name: string, help: string, state: 'total' | 'assigned'): void => {
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers,
      collect() {
        this.reset();
        for (const pool of pools()) {
          const { IPv4, IPv6 } = world.world().ledger.counts(pool);
          this.set({ pool }, Number(IPv4[state] + IPv6[state]));
        }
      },
    });
  };
  asMetallbCounts(metricNames.poolAddressesTotal, 'Addresses of a pool (as MetalLB counts them).', 'total');
  asMetallbCounts(
    metricNames.poolAddressesInUse,
    'Addresses of a pool that Services hold (as MetalLB counts them).',
    'assigned',
  );
  new Gauge({
    name: metricNames.poolAddresses,
    help: 'Addresses of a pool by family and state.',
    labelNames: ['pool', 'family', 'state'],
    registers,
    collect() {
      this.reset();
      const { ledger, now } = world.world();
      for (const pool of pools()) {
        for (const [family, counts] of Object.entries(ledger.counts(pool, now))) {
          for (const [state, number] of Object.entries(counts)) {
            if (state !== 'total') this.set({ pool, family, state }, Number(number));
          }
        }
      }
    },
  });
  new Gauge({
    name: metricNames.servicesAllocated,
    help: 'Services that hold at least one address.',
    registers,
    collect() {
      this.set(world.world().ledger.size);
    },
  });
}
