/** The speaker's metrics: MetalLB's names where it has one, so that dashboards go on working. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CounterDelta } from '../core/l2/counters.ts';
import { metricNames } from '../telemetry/metric-names.ts';

export class SpeakerMetrics {
  readonly #announced: Gauge<'service' | 'protocol' | 'node' | 'ip'>;
  readonly #requests: Counter<'ip'>;
  readonly #responses: Counter<'ip'>;
  readonly #gratuitous: Counter<'ip'>;
  readonly #ignored: Counter<'reason'>;
  readonly #conflicts: Counter<'ip'>;
  readonly #trouble: Counter<'interface'>;
  readonly #ownerChanges: Counter<'direction'>;
  readonly #addresses: Gauge;
  readonly #filter: Gauge;
  readonly #omitted: Gauge<'reason'>;
  readonly #verdicts: Counter<'verdict'>;
  readonly #peerFaults: Counter<'reason'>;
  readonly #stalls: Counter;
  readonly #failovers: Counter<'cause'>;
  readonly #silence: Histogram;
  readonly #node: string;
  readonly #registers: Registry[];

  constructor(registry: Registry, node: string) {
    this.#node = node;
    const registers = [registry];
    this.#registers = registers;
    const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
      new Counter({ name, help, labelNames, registers });
    const gauge = <T extends string>(name: string, help: string, labelNames: T[]) =>
      new Gauge({ name, help, labelNames, registers });
    this.#announced = gauge(
      metricNames.announced,
      'Services being announced from this node. This is desired state, it does not guarantee that the routing protocols have converged.',
      ['service', 'protocol', 'node', 'ip'],
    );
    this.#requests = counter(metricNames.requestsReceived, 'Layer 2 requests received for owned addresses', ['ip']);
    this.#responses = counter(metricNames.responsesSent, 'Layer 2 responses sent for owned addresses', ['ip']);
    this.#gratuitous = counter(metricNames.gratuitousFrames, 'Gratuitous layer 2 frames sent for owned addresses', [
      'ip',
    ]);
    this.#ignored = counter(metricNames.layer2Ignored, 'Layer 2 frames that had no effect, by reason', ['reason']);
    this.#conflicts = counter(metricNames.layer2Conflicts, 'Claims of strangers for announced addresses', ['ip']);
    this.#trouble = counter(metricNames.layer2Trouble, 'Failures to send or hear on an interface', ['interface']);
    this.#ownerChanges = counter(metricNames.ownerChanges, 'Addresses taken and given up by this node', ['direction']);
    this.#addresses = gauge(metricNames.announcedAddresses, 'Addresses that this node answers for', []);
    this.#filter = gauge(
      metricNames.portFilterInstalled,
      '1 while ports without a Service are refused by nftables',
      [],
    );
    this.#omitted = gauge(metricNames.notAnnounced, 'Addresses of Services that nobody announces, by reason', [
      'reason',
    ]);
    this.#verdicts = counter(metricNames.speakerVerdicts, 'What was found out about other speakers', ['verdict']);
    this.#peerFaults = counter(metricNames.membershipIgnored, 'Messages on the membership port without effect', [
      'reason',
    ]);
    this.#stalls = counter(metricNames.speakerStalls, 'How often the Layer 2 worker stood still', []);
    this.#failovers = counter(metricNames.failovers, 'Addresses that came from another node, by cause', ['cause']);
    this.#silence = new Histogram({
      name: metricNames.failoverSilence,
      help: 'How long the dead announcer of an address had been silent when this node took it',
      buckets: [0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 1, 2, 5],
      registers,
    });
  }

  /** @param read Age of what is announced by, in seconds. */
  observeSnapshotAge(read: () => number): void {
    new Gauge({
      name: metricNames.snapshotAge,
      help: 'Age of the remembered snapshot that this node announces by; 0 while the cluster itself is read',
      registers: this.#registers,
      collect() {
        this.set(read());
      },
    });
  }

  verdict(verdict: string): void {
    this.#verdicts.inc({ verdict });
  }

  stall(): void {
    this.#stalls.inc();
  }

  failover(cause: string, silentMs: number | undefined): void {
    this.#failovers.inc({ cause });
    if (silentMs !== undefined) this.#silence.observe(silentMs / 1000);
  }

  announce(address: string, services: readonly string[]): void {
    for (const service of services) this.#announced.set(this.#labels(address, service), 1);
    this.#ownerChanges.inc({ direction: 'taken' });
  }

  withdraw(address: string, services: readonly string[]): void {
    for (const service of services) this.#announced.remove(this.#labels(address, service));
    this.#ownerChanges.inc({ direction: 'given_up' });
    for (const counter of [this.#requests, this.#responses, this.#gratuitous]) counter.remove({ ip: address });
  }

  /** An address that is announced as before serves other Services. */
  reassign(address: string, before: readonly string[], after: readonly string[]): void {
    for (const service of before) this.#announced.remove(this.#labels(address, service));
    for (const service of after) this.#announced.set(this.#labels(address, service), 1);
  }

  setAnnouncedAddresses(count: number): void {
    this.#addresses.set(count);
  }

  /** Frames since the last call; those for addresses that are announced no more are left out. */
  count(delta: CounterDelta, isAnnounced: (address: string) => boolean): void {
    for (const [ip, counts] of delta.addresses) {
      if (!isAnnounced(ip)) continue;
      this.#requests.inc({ ip }, counts.requests);
      this.#responses.inc({ ip }, counts.responses);
      this.#gratuitous.inc({ ip }, counts.gratuitous);
    }
    for (const [reason, count] of delta.ignored) this.#ignored.inc({ reason }, count);
    for (const [reason, count] of delta.peerFaults) this.#peerFaults.inc({ reason }, count);
  }

  conflict(ip: string): void {
    this.#conflicts.inc({ ip });
  }

  trouble(name: string): void {
    this.#trouble.inc({ interface: name });
  }

  setFilterInstalled(installed: boolean): void {
    this.#filter.set(installed ? 1 : 0);
  }

  setOmitted(reasons: readonly string[]): void {
    this.#omitted.reset();
    for (const reason of reasons) this.#omitted.inc({ reason });
  }

  #labels(ip: string, service: string) {
    return { service, protocol: 'layer2', node: this.#node, ip };
  }
}
