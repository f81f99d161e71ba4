/** One speaker: reads the cluster, plans, and has the Layer 2 worker announce this node's share. */
import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import { type AnnouncementPlan, planAnnouncements } from '../core/announce/plan.ts';
import { diffPlans } from '../core/l2/plan-change.ts';
import type { KubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import type { Health } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Announcements } from './announcements.ts';
import { ClusterView } from './cluster-view.ts';
import type { FromWorker } from './l2/messages.ts';
import { WorkerThread } from './l2/worker-thread.ts';
import { SpeakerMetrics } from './speaker-metrics.ts';
import { UnmatchedPortFilter } from './unmatched-port.ts';

export interface SpeakerOptions {
  readonly client: KubeClient;
  /** Name of this node's Node object. */
  readonly node: string;
  /** Where the configuration lives; metallb-system. */
  readonly namespace?: string;
  /** Class of Services that are served; undefined: those that name none. */
  readonly loadBalancerClass?: string | undefined;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Given the speaker's checks. */
  readonly health: Health;
  /** Ends the speaker: it stops answering, then leaves nothing behind. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal is aborted.
 *
 * @throws Error where the worker can't start or dies: the process must end
 *   then, since a speaker that is deaf but alive would keep its node's share.
 */
export async function runSpeaker(options: SpeakerOptions): Promise<void> {
  await new Speaker(options).run();
}

class Speaker {
  readonly #options: SpeakerOptions;
  readonly #metrics: SpeakerMetrics;
  readonly #events: EventRecorder;
  readonly #filter: UnmatchedPortFilter;
  readonly #announcements: Announcements;
  readonly #worker: WorkerThread;
  #view: ClusterView | undefined;
  #plan: AnnouncementPlan = { addresses: new Map(), omitted: [] };
  #omittedBefore: ReadonlySet<string> = new Set();
  /** What the last attempt on the port filter said; it is logged at a change. */
  #filterTrouble: string | undefined;
  #packetTrouble: string | undefined;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    const { client, log, node } = options;
    this.#metrics = new SpeakerMetrics(options.metrics, node);
    this.#events = new EventRecorder({
      client,
      log,
      reportingController: 'berth.dev/speaker',
      reportingInstance: hostname(),
    });
    this.#filter = new UnmatchedPortFilter((trouble) => this.#onFilter(trouble));
    this.#announcements = new Announcements(node, {
      log,
      metrics: this.#metrics,
      tell: (service, event) => this.#tell(service, event),
      onChange: (addresses) => void this.#filter.apply(addresses),
    });
    this.#worker = new WorkerThread({ node }, (message) => this.#take(message));
  }

  async run(): Promise<void> {
    const { health, signal, log } = this.#options;
    health.addLiveness('layer2', () => this.#worker.failure);
    health.addReadiness('layer2', () => this.#worker.failure ?? this.#packetTrouble);
    health.addReadiness('cluster', () =>
      this.#view?.isSynced === true ? undefined : (this.#view?.trouble() ?? 'the cluster was not read yet'),
    );
    await this.#worker.ready;
    this.#view = new ClusterView({ ...this.#options, onChange: () => this.#replan() });
    log.info({}, 'speaker started');
    await Promise.race([aborted(signal), this.#worker.died]);
    if (this.#worker.failure !== undefined) throw new Error(this.#worker.failure);
    await this.#stop();
  }

  /** Silence first; a Service's client is then already on its way to another node. */
  async #stop(): Promise<void> {
    await this.#worker.stop();
    await this.#filter.apply([]);
    await this.#events.close();
    this.#options.log.info({}, 'speaker stopped');
  }

  #replan(): void {
    if (this.#view === undefined) return;
    const next = planAnnouncements(this.#view.snapshot());
    const change = diffPlans(this.#plan.addresses, next.addresses);
    this.#plan = next;
    this.#announcements.setPlan(next.addresses);
    this.#logOmissions(next);
    if (change.set.length > 0 || change.remove.length > 0) this.#worker.post({ kind: 'plan', change });
  }

  #logOmissions({ omitted }: AnnouncementPlan): void {
    this.#metrics.setOmitted(omitted.map((each) => each.reason));
    const now = new Set<string>();
    for (const { service, address, reason } of omitted) {
      const key = `${service} ${address} ${reason}`;
      now.add(key);
      // Another load balancer's Services are nothing to report.
      if (reason === 'ForeignClass' || this.#omittedBefore.has(key)) continue;
      this.#options.log.warn({ service, address, reason }, 'address is announced by nobody');
    }
    this.#omittedBefore = now;
  }

  #take(message: FromWorker): void {
    switch (message.kind) {
      case 'report':
        this.#announcements.take(message.report);
        break;
      case 'counted':
        this.#metrics.count(message.delta, (address) => this.#announcements.isAnnounced(address));
        break;
      case 'trouble':
        this.#onPacketTrouble(message.interface, message.error);
        break;
      case 'ready':
      case 'planned':
      case 'stopped':
        break;
    }
  }

  #onPacketTrouble(name: string, error: string): void {
    this.#metrics.trouble(name);
    const remedy = error.includes('EPERM') ? '; the speaker needs the capability NET_RAW' : '';
    const trouble = `interface ${name}: ${error}${remedy}`;
    if (remedy !== '') this.#packetTrouble = trouble;
    this.#options.log.warn({ interface: name, error: `${error}${remedy}` }, 'cannot use the interface');
  }

  #onFilter(trouble: string | undefined): void {
    this.#metrics.setFilterInstalled(trouble === undefined);
    if (trouble !== undefined && trouble !== this.#filterTrouble) {
      this.#options.log.warn(
        { error: trouble },
        'ports without a Service are not refused: clients that try one wait in vain; nft and the capability NET_ADMIN are needed',
      );
    }
    this.#filterTrouble = trouble;
  }

  #tell(key: string, event: { type: 'Normal' | 'Warning'; reason: string; note: string }): void {
    const service = this.#view?.service(key);
    if (service === undefined) return;
    const { name, namespace, uid } = service.metadata;
    this.#events.tell({
      regarding: {
        apiVersion: 'v1',
        kind: 'Service',
        name,
        ...(namespace !== undefined && { namespace }),
        ...(uid !== undefined && { uid }),
      },
      action: 'Announce',
      ...event,
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
