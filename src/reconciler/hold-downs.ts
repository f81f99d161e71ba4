/**
 * Hold-downs: a released address stays kept for the same namespace/name for as
 * long as a policy says. Each is an AddressReservation with an end, so that it
 * outlives this process; it is removed when it is over, or when its Service has
 * its address back. An address that another host has, and that a Service was
 * moved away from, is kept from everybody in the same way.
 */
import { BERTH_GROUP, CONTROLLER_FIELD_MANAGER } from '../core/api/names.ts';
import type { Configuration, Reservation } from '../core/config/configuration.ts';
import { type Address, formatAddress, isOneOf } from '../core/net/address.ts';
import type { Contested } from '../core/policy/exchange.ts';
import { endOf, holdDownName, holdDownOf } from '../core/policy/hold-down.ts';
import { formatTime } from '../core/status/rfc3339.ts';
import type { Millis } from '../core/time.ts';
import type { KubeClient } from '../kube/client.ts';
import { describe, isNotFound } from '../kube/kube-error.ts';
import type { Term } from '../kube/lease.ts';
import type { LiveWorld } from '../kube/live-world.ts';
import { addressReservations, apiVersionOf } from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';
import { KeyedQueue, type Verdict } from './keyed-queue.ts';
import type { Release, Releases } from './releases.ts';

export interface HoldDownOptions {
  readonly client: KubeClient;
  readonly world: LiveWorld;
  readonly namespace: string;
  readonly term: Term;
  readonly log: Logger;
  /** Of this process, since before it led. */
  readonly releases: Releases;
  /** A reservation has ended by itself: addresses may have come free. */
  readonly onExpiry: () => void;
}

/** A host that took an address by mistake is found within a day, or has it again when somebody is given the address. */
const SET_ASIDE_MS = 24 * 60 * 60 * 1000;

/** setTimeout's limit. */
const longestTimerMs = 2 ** 31 - 1;

export class HoldDowns {
  readonly #options: HoldDownOptions;
  readonly #queue: KeyedQueue;
  /** So many of the releases. */
  #decided = 0;
  /** To be written. */
  readonly #wanted = new Map<string, Reservation>();
  /** Set aside by this process, and not seen in the configuration yet. */
  readonly #aside = new Map<string, Reservation>();
  /** As the configuration has them. */
  #present = new Map<string, Reservation>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HoldDownOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({
      work: (name) => this.#reconcile(name),
      onError: (name, error) => {
        options.log.warn({ reservation: name, error: describe(error) }, 'hold-down not written');
      },
    });
  }

  /**
   * Keeps what Services gave back since the last call, where a policy asks for
   * it; in force at once. While the policies are known to be behind, nothing is
   * decided, and what was given back is given to nobody.
   */
  decide(): void {
    const { world, releases, term } = this.#options;
    if (this.#decided === releases.count || !term.mayWrite() || world.behind() !== undefined) return;
    for (const release of releases.after(this.#decided, world.world().now)) this.#keep(release);
    this.#decided = releases.count;
  }

  #keep({ claim, addresses, previous, at }: Release): void {
    const { world } = this.#options;
    const now = world.world();
    const reservation = holdDownOf({ claim, addresses, request: world.request(previous), at }, now);
    if (reservation === undefined) return;
    now.ledger.hold(reservation, now.now);
    this.#wanted.set(reservation.name, reservation);
    this.#queue.now(reservation.name);
    this.#arm();
  }

  /** Addresses that are kept from everybody because other hosts have them. */
  contested(): readonly Address[] {
    return [...this.#present.values(), ...this.#aside.values()]
      .filter((each) => each.contestedBy !== undefined && !this.#isOver(each))
      .flatMap(({ ranges }) => ranges.map(({ family, first }) => ({ family, value: first })));
  }

  /**
   * Keeps an address that another host has from everybody, at once; done when
   * that outlives this process.
   *
   * @throws Error where the apiserver doesn't take it: then nothing is kept.
   */
  async setAside(namespace: string, service: string, { address, by }: Contested): Promise<void> {
    const { ledger, now } = this.#options.world.world();
    const reservation: Reservation = {
      name: contestedName(address),
      ranges: [{ family: address.family, first: address.value, last: address.value }],
      namespace,
      service,
      expiresAt: endOf(now + SET_ASIDE_MS),
      holdDown: true,
      contestedBy: by,
    };
    ledger.hold(reservation, now);
    this.#aside.set(reservation.name, reservation);
    try {
      await this.#write(reservation);
    } catch (error) {
      ledger.unhold(reservation.name);
      this.#aside.delete(reservation.name);
      throw error;
    }
    this.#arm();
  }

  /** A Service has addresses: its hold-down may be over. */
  allocated(namespace: string, service: string): void {
    const name = holdDownName(`${namespace}/${service}`);
    if (this.#wanted.has(name) || this.#present.has(name)) this.#queue.now(name);
  }

  /** The configuration as it is now. */
  configured(configuration: Configuration): void {
    this.#present = new Map();
    for (const reservation of configuration.reservations) {
      if (reservation.holdDown) this.#present.set(reservation.name, reservation);
    }
    for (const name of this.#present.keys()) this.#aside.delete(name);
    for (const reservation of this.#present.values()) {
      if (this.#isOver(reservation)) this.#queue.later(reservation.name);
    }
    this.#arm();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#queue.stop();
  }

  #isOver(reservation: Reservation): boolean {
    const { ledger, now } = this.#options.world.world();
    if ((reservation.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return true;
    if (reservation.contestedBy !== undefined) return false;
    const held = ledger.get(`${reservation.namespace}/${reservation.service}`)?.addresses ?? [];
    return reservation.ranges.every(
      ({ family, first, last }) => first === last && isOneOf({ family, value: first }, held),
    );
  }

  async #reconcile(name: string): Promise<Verdict> {
    const { client, world, namespace, term } = this.#options;
    if (!term.mayWrite()) return 'done';
    const wanted = this.#wanted.get(name);
    if (wanted !== undefined && !this.#isOver(wanted)) {
      await this.#write(wanted);
      // Unless another release of the same Service came meanwhile.
      if (this.#wanted.get(name) === wanted) this.#wanted.delete(name);
      return 'done';
    }
    if (wanted !== undefined) {
      this.#wanted.delete(name);
      world.world().ledger.unhold(name);
    }
    const present = this.#present.get(name);
    if (present === undefined || !this.#isOver(present)) return 'done';
    const target = { resource: addressReservations, namespace, name };
    await client.delete(target, { signal: term.signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    return 'done';
  }

  async #write(reservation: Reservation): Promise<void> {
    const { client, namespace, term } = this.#options;
    const target = { resource: addressReservations, namespace, name: reservation.name };
    await client.patch(target, objectOf(reservation, namespace), {
      type: 'apply',
      force: true,
      fieldManager: CONTROLLER_FIELD_MANAGER,
      signal: term.signal,
    });
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const { ledger, now } = this.#options.world.world();
    const next = ledger.nextExpiry();
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(0, next - now), longestTimerMs));
  }

  #expire(): void {
    const { ledger, now } = this.#options.world.world();
    const due = ledger.nextExpiry();
    if (due !== undefined && due <= now) {
      // Any question with the present time lets the ledger drop what is over.
      ledger.counts('', now);
      for (const reservation of [...this.#present.values(), ...this.#wanted.values()]) {
        if (this.#isOver(reservation)) this.#queue.now(reservation.name);
      }
      this.#options.onExpiry();
    }
    this.#arm();
  }
}

/** One for each address, whichever Service it was moved from. */
function contestedName(address: Address): string {
  // A name may hold no colon.
  const text = address.family === 'IPv4' ? formatAddress(address) : address.value.toString(16).padStart(32, '0');
  return `contested.${text}`;
}

function objectOf(reservation: Reservation, namespace: string): Record<string, unknown> {
  const { name, ranges, service, expiresAt, holdDown, contestedBy } = reservation;
  return {
    apiVersion: apiVersionOf(addressReservations),
    kind: addressReservations.kind,
    metadata: { namespace, name, labels: { 'app.kubernetes.io/managed-by': BERTH_GROUP } },
    spec: {
      addresses: ranges.map(({ family, first }) => formatAddress({ family, value: first })),
      namespace: reservation.namespace,
      service,
      expiresAt: formatTime((expiresAt ?? 0) as Millis),
      holdDown,
      contestedBy,
    },
  };
}
