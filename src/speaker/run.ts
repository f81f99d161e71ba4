/** One speaker: reads the cluster, plans, and has the Layer 2 worker announce this node's share. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { type AnnouncementPlan, planAnnouncements } from '../core/announce/plan.ts';
import { MEMBERSHIP_SECRET, NAMESPACE } from '../core/api/names.ts';
import { diffPlans } from '../core/l2/plan-change.ts';
import type { KubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { describe } from '../kube/kube-error.ts';
import type { Health } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Announcements } from './announcements.ts';
import { ClusterView } from './cluster-view.ts';
import type { FromWorker, Member, WorkerSettings } from './l2/messages.ts';
import { WorkerThread } from './l2/worker-thread.ts';
import { membersOf, sameMembers } from './members.ts';
import { MembershipKey } from './membership-key.ts';
import { SpeakerMetrics } from './speaker-metrics.ts';
import { UnmatchedPortFilter } from './unmatched-port.ts';

export interface SpeakerOptions {
  readonly client: KubeClient;
  /** Name of this node's Node object. */
  readonly node: string;
  /** Where the configuration lives; metallb-system. */
  readonly namespace?: string;
  /** UDP port on which speakers hear each other; 7946, as MetalLB's. */
  readonly membershipPort?: number;
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

const MEMBERSHIP_PORT = 7946;
/** How long a start waits for the key; without it nodes are judged by the apiserver alone. */
const KEY_WITHIN_MS = 10_000;

class Speaker {
  readonly #options: SpeakerOptions;
  readonly #metrics: SpeakerMetrics;
  readonly #events: EventRecorder;
  readonly #filter: UnmatchedPortFilter;
  readonly #announcements: Announcements;
  readonly #key: MembershipKey;
  #worker: WorkerThread | undefined;
  #view: ClusterView | undefined;
  #members: readonly Member[] = [];
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
    this.#key = new MembershipKey({
      client,
      namespace: options.namespace ?? NAMESPACE,
      onChange: (keys) => this.#worker?.post({ kind: 'keys', keys }),
      onTrouble: (error) => log.warn({ error: describe(error) }, 'the key of the speakers cannot be read'),
      signal: options.signal,
    });
  }

  async run(): Promise<void> {
    const { health, signal, log, node } = this.#options;
    health.addLiveness('layer2', () => this.#worker?.failure);
    health.addReadiness('layer2', () => this.#whyNotReady());
    health.addReadiness('cluster', () =>
      this.#view?.isSynced === true ? undefined : (this.#view?.trouble() ?? 'the cluster was not read yet'),
    );
    const membership = await this.#membership();
    if (signal.aborted) return;
    const worker = new WorkerThread({ node, membership }, (message) => this.#take(message));
    this.#worker = worker;
    await worker.ready;
    this.#view = new ClusterView({ ...this.#options, onChange: () => this.#replan() });
    log.info({ membership: membership !== undefined }, 'speaker started');
    await Promise.race([aborted(signal), worker.died]);
    if (worker.failure !== undefined) throw new Error(worker.failure);
    await this.#stop(worker);
  }

  async #membership(): Promise<WorkerSettings['membership']> {
    const { log, signal, membershipPort = MEMBERSHIP_PORT } = this.#options;
    const late = sleep(KEY_WITHIN_MS, undefined, { signal }).catch(() => undefined);
    const keys = await Promise.race([this.#key.first.catch(() => undefined), late]);
    if (keys !== undefined) return { port: membershipPort, keys };
    if (!signal.aborted) {
      log.warn(
        { secret: MEMBERSHIP_SECRET },
        'speakers do not hear each other: without the key in this Secret a node that fails is replaced only once the apiserver says so',
      );
    }
    return undefined;
  }

  #whyNotReady(): string | undefined {
    if (this.#worker === undefined) return 'waiting for the key of the speakers';
    return this.#worker.failure ?? this.#packetTrouble;
  }

  /** Others answer before this node falls silent; then nothing of it is left. */
  async #stop(worker: WorkerThread): Promise<void> {
    await worker.stop();
    await this.#filter.apply([]);
    await this.#events.close();
    this.#options.log.info({}, 'speaker stopped');
  }

  #replan(): void {
    if (this.#view === undefined) return;
    const snapshot = this.#view.snapshot();
    const members = membersOf(snapshot.nodes);
    if (!sameMembers(this.#members, members)) {
      this.#members = members;
      this.#worker?.post({ kind: 'members', members });
    }
    const next = planAnnouncements(snapshot);
    const change = diffPlans(this.#plan.addresses, next.addresses);
    this.#plan = next;
    this.#announcements.setPlan(next.addresses);
    this.#logOmissions(next);
    if (change.set.length > 0 || change.remove.length > 0) this.#worker?.post({ kind: 'plan', change });
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
      case 'verdict':
        this.#metrics.verdict(message.verdict);
        this.#options.log.info(
          { peer: message.node, silentMs: Math.round(message.silentMs) },
          VERDICTS[message.verdict],
        );
        break;
      case 'stalled':
        this.#metrics.stall();
        this.#options.log.warn({ stalledMs: message.ms }, 'the Layer 2 worker stood still');
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

const VERDICTS = { alive: 'speaker heard', dead: 'speaker died', left: 'speaker left' } as const;

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
