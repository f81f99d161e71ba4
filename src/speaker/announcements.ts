/** What this node announces now, as the worker reports it; tells log, metrics, events and the port filter of changes. */
import type { PlannedAddress } from '../core/announce/plan.ts';
import type { Report, Silence } from '../core/l2/output.ts';
import { type Address, formatAddress } from '../core/net/address.ts';
import { formatMac } from '../core/net/mac.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { SpeakerMetrics } from './speaker-metrics.ts';

export interface AnnouncementListeners {
  readonly log: Logger;
  readonly metrics: SpeakerMetrics;
  /** A Service's event, by `namespace/name`. */
  readonly tell: (service: string, event: { type: 'Normal' | 'Warning'; reason: string; note: string }) => void;
  /** The set of announced addresses changed. */
  readonly onChange: (addresses: readonly Address[]) => void;
}

interface Announced {
  readonly planned: PlannedAddress;
  readonly interfaces: readonly string[];
}

export class Announcements {
  readonly #node: string;
  readonly #listeners: AnnouncementListeners;
  readonly #announced = new Map<string, Announced>();
  #plan: ReadonlyMap<string, PlannedAddress> = new Map();

  constructor(node: string, listeners: AnnouncementListeners) {
    this.#node = node;
    this.#listeners = listeners;
  }

  isAnnounced(address: string): boolean {
    return this.#announced.has(address);
  }

  /** The plan that reports from now on are about. */
  setPlan(plan: ReadonlyMap<string, PlannedAddress>): void {
    this.#plan = plan;
    for (const [id, { planned, interfaces }] of this.#announced) {
      const next = plan.get(id);
      if (next === undefined || next.services.join() === planned.services.join()) continue;
      this.#listeners.metrics.reassign(id, planned.services, next.services);
      this.#announced.set(id, { planned: next, interfaces });
    }
  }

  take(report: Report): void {
    switch (report.kind) {
      case 'announcing':
        this.#announce(report);
        break;
      case 'silent':
        this.#withdraw(report.address, report.reason, report.owner);
        break;
      case 'forgotten':
        this.#withdraw(report.address, 'Forgotten', undefined);
        break;
      case 'conflict':
        this.#conflict(report);
        break;
      case 'off-subnet':
        this.#listeners.log.warn(
          { address: report.address, interfaces: report.interfaces },
          'announced though no subnet of this node holds the address; clients reach it only if their router asks here',
        );
        break;
    }
  }

  #announce(report: Extract<Report, { kind: 'announcing' }>): void {
    const { address: id, interfaces, cause, from } = report;
    const planned = this.#plan.get(id);
    if (planned === undefined) return;
    const isNew = !this.#announced.has(id);
    this.#announced.set(id, { planned, interfaces });
    if (!isNew) return;
    const { log, metrics, tell } = this.#listeners;
    const silentMs = report.silentMs && Math.round(report.silentMs);
    log.info(
      { address: id, services: planned.services, pool: planned.pool, interfaces, cause, from, silentMs },
      'announcing',
    );
    metrics.announce(id, planned.services);
    if (from !== undefined) metrics.failover(cause, report.silentMs);
    for (const service of planned.services) {
      const note = `announcing from node "${this.#node}" with protocol "layer2"`;
      tell(service, { type: 'Normal', reason: 'nodeAssigned', note });
    }
    this.#changed();
  }

  #withdraw(id: string, reason: Silence | 'Forgotten', owner: string | undefined): void {
    const { log, metrics } = this.#listeners;
    const before = this.#announced.get(id);
    if (before !== undefined) {
      this.#announced.delete(id);
      log.info({ address: id, services: before.planned.services, reason, owner }, 'no longer announcing');
      metrics.withdraw(id, before.planned.services);
      this.#changed();
    } else if (reason === 'NoSuchInterface' || reason === 'LinkDown' || reason === 'NoCandidate') {
      log.warn({ address: id, reason, owner }, 'not announced');
    } else {
      log.debug({ address: id, reason, owner }, 'not announced here');
    }
  }

  #conflict({ address, mac, interface: name }: Extract<Report, { kind: 'conflict' }>): void {
    const { log, metrics, tell } = this.#listeners;
    const planned = this.#plan.get(address);
    const foreign = formatMac(mac);
    log.warn(
      { address, mac: foreign, interface: name, services: planned?.services },
      'address claimed by another host',
    );
    metrics.conflict(address);
    for (const service of planned?.services ?? []) {
      const note = `${address} is claimed by another host with hardware address ${foreign} on interface ${name}; find that host and give it another address`;
      tell(service, { type: 'Warning', reason: 'AddressConflict', note });
    }
  }

  #changed(): void {
    this.#listeners.metrics.setAnnouncedAddresses(this.#announced.size);
    const addresses = [...this.#announced.values()].map(({ planned }) => planned.address);
    this.#listeners.onChange(addresses.sort((a, b) => (formatAddress(a) < formatAddress(b) ? -1 : 1)));
  }
}
