/** What this node announces now, as the worker reports it; tells log, metrics, events and the port filter of changes. */
import type { AddressOnNode } from '../core/announce/l2-status.ts';
import type { PlannedAddress } from '../core/announce/plan.ts';
import type { Report, Silence } from '../core/l2/output.ts';
import { type Address, compareAddresses } from '../core/net/address.ts';
import { formatMac } from '../core/net/mac.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { SpeakerMetrics } from './speaker-metrics.ts';
import { Strangers } from './strangers.ts';

export interface AnnouncementListeners {
  readonly log: Logger;
  readonly metrics: SpeakerMetrics;
  /** A Service's event, by `namespace/name`. */
  readonly tell: (service: string, event: { type: 'Normal' | 'Warning'; reason: string; note: string }) => void;
  /** What this node does about its addresses changed. */
  readonly onChange: () => void;
  /** An address came from another node. */
  readonly onFailover: (came: Came) => void;
}

/** An announcing report of an address that another node had. */
export type Came = Extract<Report, { kind: 'announcing' }> & { readonly from: string };

interface Announced {
  readonly planned: PlannedAddress;
  readonly interfaces: readonly string[];
}

export class Announcements {
  readonly #node: string;
  readonly #listeners: AnnouncementListeners;
  readonly #announced = new Map<string, Announced>();
  /** Owned, and left to a stranger. */
  readonly #yielded = new Map<string, PlannedAddress>();
  readonly #strangers = new Strangers();
  #plan: ReadonlyMap<string, PlannedAddress> = new Map();

  constructor(node: string, listeners: AnnouncementListeners) {
    this.#node = node;
    this.#listeners = listeners;
  }

  isAnnounced(address: string): boolean {
    return this.#announced.has(address);
  }

  /** Addresses that this node answers for, in order. */
  addresses(): readonly Address[] {
    return [...this.#announced.values()].map(({ planned }) => planned.address).sort(compareAddresses);
  }

  /** What this node does about each address that it owns. */
  owned(): readonly AddressOnNode[] {
    const announced = [...this.#announced].map(([address, { planned, interfaces }]) => ({
      address,
      services: planned.services,
      interfaces,
      stranger: this.#strangers.get(address),
    }));
    const yielded = [...this.#yielded].map(([address, { services }]) => ({
      address,
      services,
      interfaces: [],
      stranger: this.#strangers.get(address),
    }));
    return [...announced, ...yielded];
  }

  /** Forgets strangers who fell silent. Call it now and then. */
  prune(): void {
    if (this.#strangers.prune()) this.#listeners.onChange();
  }

  /** The plan that reports from now on are about. */
  setPlan(plan: ReadonlyMap<string, PlannedAddress>): void {
    this.#plan = plan;
    let changed = false;
    for (const id of this.#yielded.keys()) {
      const next = plan.get(id);
      if (next !== undefined) this.#yielded.set(id, next);
    }
    for (const [id, { planned, interfaces }] of this.#announced) {
      const next = plan.get(id);
      if (next === undefined || next.services.join() === planned.services.join()) continue;
      this.#listeners.metrics.reassign(id, planned.services, next.services);
      this.#announced.set(id, { planned: next, interfaces });
      changed = true;
    }
    if (changed) this.#listeners.onChange();
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
    // It was free when it was asked for again.
    if (this.#yielded.delete(id)) this.#strangers.forget(id);
    if (!isNew) {
      this.#listeners.onChange();
      return;
    }
    const { log, metrics, tell } = this.#listeners;
    const silentMs = report.silentMs && Math.round(report.silentMs);
    log.info(
      { address: id, services: planned.services, pool: planned.pool, interfaces, cause, from, silentMs },
      'announcing',
    );
    metrics.announce(id, planned.services);
    if (from !== undefined) {
      metrics.failover(cause, report.silentMs);
      this.#listeners.onFailover({ ...report, from });
    }
    for (const service of planned.services) {
      const note = `announcing from node "${this.#node}" with protocol "layer2"`;
      tell(service, { type: 'Normal', reason: 'nodeAssigned', note });
    }
    this.#changed();
  }

  #withdraw(id: string, reason: Silence | 'Forgotten', owner: string | undefined): void {
    const { log, metrics } = this.#listeners;
    const before = this.#announced.get(id);
    const planned = this.#plan.get(id);
    const wasYielded = this.#yielded.delete(id);
    if (reason === 'Yielded' && planned !== undefined) this.#yielded.set(id, planned);
    // While it probes anew, who made it yield is still the reason.
    else if (reason === 'Probing' && wasYielded && planned !== undefined) this.#yielded.set(id, planned);
    else this.#strangers.forget(id);
    if (before !== undefined) {
      this.#announced.delete(id);
      log.info({ address: id, services: before.planned.services, reason, owner }, 'no longer announcing');
      metrics.withdraw(id, before.planned.services);
      this.#changed();
      return;
    }
    if (wasYielded !== this.#yielded.has(id)) this.#changed();
    if (reason === 'NoSuchInterface' || reason === 'LinkDown' || reason === 'NoCandidate') {
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
    // The report of a conflict comes before that of the silence which it leads to.
    const unannounced = !this.#announced.has(address);
    if (this.#strangers.saw(address, { mac: foreign, interface: name, unannounced })) this.#listeners.onChange();
    for (const service of planned?.services ?? []) {
      const note = `${address} is claimed by another host with hardware address ${foreign} on interface ${name}; find that host and give it another address`;
      tell(service, { type: 'Warning', reason: 'AddressConflict', note });
    }
  }

  #changed(): void {
    this.#listeners.metrics.setAnnouncedAddresses(this.#announced.size);
    this.#listeners.onChange();
  }
}
