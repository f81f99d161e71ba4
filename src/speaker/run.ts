/** One speaker: reads the cluster, plans, and has the Layer 2 worker announce this node's share. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { l2StatusesOf } from '../core/announce/l2-status.ts';
import { type AnnouncementPlan, planAnnouncements } from '../core/announce/plan.ts';
import { MEMBERSHIP_SECRET, NAMESPACE } from '../core/api/names.ts';
import { diffPlans } from '../core/l2/plan-change.ts';
import { aborted } from '../kube/aborted.ts';
import type { KubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { describe } from '../kube/kube-error.ts';
import type { Health } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Announcements, type Came } from './announcements.ts';
import { ClusterView } from './cluster-view.ts';
import type { FromWorker, Member, WorkerSettings } from './l2/messages.ts';
import { WorkerThread } from './l2/worker-thread.ts';
import { L2StatusWriter } from './l2-status-writer.ts';
import { membersOf, sameMembers } from './members.ts';
import { MembershipKey } from './membership-key.ts';
import { Memory, type Recalled } from './memory.ts';
import { giveBackProgramPages } from './program-pages.ts';
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
  /** Folder for what a restart needs while the apiserver is away; undefined: nothing is kept. */
  readonly stateDirectory?: string | undefined;
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
/** As long as that where the key of the last run is known: the apiserver answers within this, or is away. */
const ANSWER_WITHIN_MS = 500;
/** After a start: until then a peer may still tell what it has taken over. */
const STATUS_AFTER_MS = 3_000;
/** After a start: a node whose speaker was not heard by then has none. */
const HEARD_WITHIN_MS = 10_000;
const PRUNE_EVERY_MS = 30_000;
/** What wasn't needed for so long isn't kept in memory. */
const GIVE_BACK_EVERY_MS = 60_000;
const FOLLOW_MS = 20;

class Speaker {
  readonly #options: SpeakerOptions;
  readonly #namespace: string;
  readonly #metrics: SpeakerMetrics;
  readonly #events: EventRecorder;
  readonly #filter: UnmatchedPortFilter;
  readonly #announcements: Announcements;
  readonly #memory: Memory;
  readonly #key: MembershipKey;
  #keys: readonly Uint8Array[] = [];
  #worker: WorkerThread | undefined;
  #view: ClusterView | undefined;
  #statuses: L2StatusWriter | undefined;
  #members: readonly Member[] = [];
  /** Other nodes whose speaker is heard. */
  readonly #alive = new Set<string>();
  /** How long a node had been silent when it was given up. */
  readonly #silences = new Map<string, number>();
  #plan: AnnouncementPlan = { addresses: new Map(), omitted: [] };
  /** What is announced by while the cluster can't be read. */
  #recalled: Recalled | undefined;
  #omittedBefore: ReadonlySet<string> = new Set();
  /** What the last attempt on the port filter said; it is logged at a change. */
  #filterTrouble: string | undefined;
  #packetTrouble: string | undefined;
  #following: NodeJS.Timeout | undefined;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    const { client, log, node, namespace = NAMESPACE, stateDirectory, health } = options;
    this.#namespace = namespace;
    this.#metrics = new SpeakerMetrics(options.metrics, node);
    this.#metrics.observeSnapshotAge(() => this.#snapshotAge());
    this.#memory = new Memory({
      directory: stateDirectory,
      node,
      log,
      isLive: () => this.#view?.isSynced === true && this.#view.trouble() === undefined,
    });
    health.addPage('/failovers', () => this.#memory.failovers);
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
      onChange: () => this.#onAnnouncements(),
      onFailover: (came) => this.#onFailover(came),
    });
    this.#key = new MembershipKey({
      client,
      namespace,
      onChange: (keys) => this.#onKeys(keys),
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
    const recalled = await this.#memory.recall();
    const membership = await this.#membership(recalled?.state.keys ?? []);
    if (signal.aborted) return;
    const worker = new WorkerThread({ node, membership }, (message) => this.#take(message));
    this.#worker = worker;
    await worker.ready;
    // They may have changed while the worker started.
    if (membership !== undefined && this.#keys.length > 0) worker.post({ kind: 'keys', keys: this.#keys });
    const view = new ClusterView({ ...this.#options, onChange: () => this.#replan() });
    this.#view = view;
    // What a former speaker that was killed has left in the kernel.
    this.#onAnnouncements();
    log.info({ membership: membership !== undefined }, 'speaker started');
    const pruning = setInterval(() => this.#announcements.prune(), PRUNE_EVERY_MS);
    const givingBack = setInterval(() => this.#giveBackMemory(), GIVE_BACK_EVERY_MS);
    const tasks = [this.#bridge(view, recalled), this.#reportStatuses(view, membership !== undefined)];
    await Promise.race([aborted(signal), worker.died]);
    clearInterval(pruning);
    clearInterval(givingBack);
    if (worker.failure !== undefined) throw new Error(worker.failure);
    await Promise.all(tasks);
    await this.#stop(worker);
  }

  async #membership(remembered: readonly Uint8Array[]): Promise<WorkerSettings['membership']> {
    const { log, signal, membershipPort = MEMBERSHIP_PORT } = this.#options;
    const withinMs = remembered.length > 0 ? ANSWER_WITHIN_MS : KEY_WITHIN_MS;
    const keys = await Promise.race([this.#key.first.catch(() => undefined), this.#pause(withinMs)]);
    if (keys !== undefined) return { port: membershipPort, keys };
    if (remembered.length > 0) return { port: membershipPort, keys: remembered };
    if (!signal.aborted) {
      log.warn(
        { object: `Secret/${MEMBERSHIP_SECRET}` },
        'speakers do not hear each other: without the key in this Secret a node that fails is replaced only once the apiserver says so',
      );
    }
    return undefined;
  }

  /** Goes on by what is remembered, from a moment after the start until the cluster is read. */
  async #bridge(view: ClusterView, recalled: Recalled | undefined): Promise<void> {
    if (recalled === undefined) return;
    await Promise.race([view.synced.catch(() => undefined), this.#pause(ANSWER_WITHIN_MS)]);
    if (view.isSynced || this.#options.signal.aborted) return;
    this.#recalled = recalled;
    const { plan, members } = recalled.state;
    this.#options.log.warn(
      { ageSeconds: Math.round(this.#snapshotAge()), addresses: plan.size, trouble: view.trouble() },
      'the cluster cannot be read: going on by what was known before the restart',
    );
    this.#carryOut({ addresses: plan, omitted: [] }, members);
  }

  /** In seconds; 0 where the cluster itself was read. */
  #snapshotAge(): number {
    return this.#recalled === undefined ? 0 : (performance.now() - this.#recalled.asOf) / 1_000;
  }

  /** Statuses of the last run stand until this one knows what it has. */
  async #reportStatuses(view: ClusterView, hearsPeers: boolean): Promise<void> {
    const { client, node, log, signal } = this.#options;
    await view.synced.catch(() => undefined);
    await this.#pause(STATUS_AFTER_MS);
    if (signal.aborted || !view.isSynced) return;
    this.#statuses = new L2StatusWriter({
      client,
      node,
      namespace: this.#namespace,
      nodeUid: () => view.node(node)?.metadata.uid,
      onTrouble: (error) => log.warn({ error: describe(error) }, 'ServiceL2Status not written'),
    });
    this.#onAnnouncements();
    await this.#pause(HEARD_WITHIN_MS - STATUS_AFTER_MS);
    if (hearsPeers) this.#outliveUnheard();
  }

  #giveBackMemory(): void {
    try {
      giveBackProgramPages();
    } catch (error) {
      this.#options.log.warn({ error: describe(error) }, 'memory not given back');
    }
  }

  #whyNotReady(): string | undefined {
    if (this.#worker === undefined) return 'waiting for the key of the speakers';
    return this.#worker.failure ?? this.#packetTrouble;
  }

  /** Others answer before this node falls silent; then nothing of it is left. */
  async #stop(worker: WorkerThread): Promise<void> {
    await worker.stop();
    clearTimeout(this.#following);
    await this.#filter.apply([]);
    await Promise.all([this.#statuses?.close(), this.#events.close(), this.#memory.close()]);
    this.#options.log.info({}, 'speaker stopped');
  }

  #replan(): void {
    const view = this.#view;
    if (view === undefined) return;
    if (this.#recalled !== undefined) {
      this.#options.log.info({}, 'the cluster is read again');
      this.#recalled = undefined;
    }
    const snapshot = view.snapshot();
    const members = membersOf(snapshot.nodes);
    const plan = planAnnouncements(snapshot);
    this.#memory.keep({ plan: plan.addresses, members });
    this.#carryOut(plan, members);
  }

  #carryOut(next: AnnouncementPlan, members: readonly Member[]): void {
    if (!sameMembers(this.#members, members)) {
      this.#members = members;
      this.#worker?.post({ kind: 'members', members });
    }
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
        this.#onVerdict(message);
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

  #onVerdict({ node, verdict, silentMs }: Extract<FromWorker, { kind: 'verdict' }>): void {
    this.#metrics.verdict(verdict);
    this.#options.log.info({ peer: node, silentMs: Math.round(silentMs) }, VERDICTS[verdict]);
    this.#silences.set(node, silentMs);
    if (verdict === 'alive') {
      this.#alive.add(node);
      this.#statuses?.revive(node);
    } else {
      this.#alive.delete(node);
      this.#statuses?.outlive(node);
    }
  }

  /** What nodes without a speaker have written was not taken back: they died while nobody here looked. */
  #outliveUnheard(): void {
    for (const { node } of this.#members) {
      if (node !== this.#options.node && !this.#alive.has(node)) this.#statuses?.outlive(node);
    }
  }

  /** Reports come one by one, a whole share within a moment: what follows from them is worked out once. */
  #onAnnouncements(): void {
    this.#following ??= setTimeout(() => {
      this.#following = undefined;
      this.#follow();
    }, FOLLOW_MS);
  }

  #follow(): void {
    void this.#filter.apply(this.#announcements.addresses());
    this.#statuses?.set(l2StatusesOf(this.#options.node, this.#announcements.owned()));
  }

  #onFailover({ address, from, cause, silentMs }: Came): void {
    const isDead = cause === 'OwnerDied';
    this.#memory.addFailover({
      at: Date.now(),
      from,
      to: this.#options.node,
      cause,
      detectedAfterMs: isDead ? rounded(this.#silences.get(from)) : undefined,
      restoredAfterMs: isDead ? rounded(silentMs) : undefined,
      address,
    });
    if (isDead) this.#statuses?.outlive(from);
  }

  #onKeys(keys: readonly Uint8Array[]): void {
    this.#keys = keys;
    this.#memory.keep({ keys });
    this.#worker?.post({ kind: 'keys', keys });
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

  async #pause(ms: number): Promise<undefined> {
    const { signal } = this.#options;
    await sleep(ms, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return undefined;
  }
}

const VERDICTS = { alive: 'speaker heard', dead: 'speaker died', left: 'speaker left' } as const;

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}
