/**
 * Hold-downs: a released address stays kept for the same namespace/name for as
 * long as a policy says. Each is an AddressReservation with an end, so that it
 * outlives this process; it is removed when it is over, or when its Service has
 * its address back.
 */
import type { Service } from '../core/api/kubernetes.ts';
import { BERTH_GROUP, CONTROLLER_FIELD_MANAGER } from '../core/api/names.ts';
import type { Configuration, Reservation } from '../core/config/configuration.ts';
import type { Claim } from '../core/ipam/ledger.ts';
import { type Address, compareAddresses, formatAddress, sameAddress } from '../core/net/address.ts';
import { rulesFor } from '../core/policy/rules.ts';
import { formatTime } from '../core/status/rfc3339.ts';
import type { Millis } from '../core/time.ts';
import type { KubeClient } from '../kube/client.ts';
import { describe, isNotFound } from '../kube/kube-error.ts';
import type { Term } from '../kube/lease.ts';
import type { LiveWorld } from '../kube/live-world.ts';
import { addressReservations, apiVersionOf } from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';
import { KeyedQueue, type Verdict } from './keyed-queue.ts';

export interface HoldDownOptions {
  readonly client: KubeClient;
  readonly world: LiveWorld;
  readonly namespace: string;
  readonly term: Term;
  readonly log: Logger;
  /** A reservation has ended by itself: addresses may have come free. */
  readonly onExpiry: () => void;
}

/** setTimeout's limit. */
const longestTimerMs = 2 ** 31 - 1;

export class HoldDowns {
  readonly #options: HoldDownOptions;
  readonly #queue: KeyedQueue;
  /** To be written. */
  readonly #wanted = new Map<string, Reservation>();
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

  /** Keeps what a Service that is gone gave back, where a policy asks for it; in force at once. */
  release(claim: Claim, addresses: readonly Address[], previous: Service | undefined): void {
    if (previous === undefined) return;
    const { world } = this.#options;
    const now = world.world();
    const { releaseDelay } = rulesFor(world.request(previous), now);
    if (releaseDelay <= 0) return;
    // An address that others still share needs no keeping, and one in no pool can't be given again.
    const free = addresses
      .filter((address) => now.ledger.holders(address).length === 0 && now.ledger.poolOf(address) !== undefined)
      .sort(compareAddresses);
    if (free.length === 0) return;
    const reservation: Reservation = {
      name: holdDownName(claim.namespace, claim.name),
      ranges: free.map(({ family, value }) => ({ family, first: value, last: value })),
      namespace: claim.namespace,
      service: claim.name,
      // The object says it in whole seconds.
      expiresAt: Math.ceil((now.now + releaseDelay) / 1000) * 1000,
      holdDown: true,
    };
    now.ledger.hold(reservation, now.now);
    this.#wanted.set(reservation.name, reservation);
    this.#queue.now(reservation.name);
    this.#arm();
  }

  /** A Service has addresses: its hold-down may be over. */
  allocated(namespace: string, service: string): void {
    const name = holdDownName(namespace, service);
    if (this.#wanted.has(name) || this.#present.has(name)) this.#queue.now(name);
  }

  /** The configuration as it is now. */
  configured(configuration: Configuration): void {
    this.#present = new Map();
    for (const reservation of configuration.reservations) {
      if (reservation.holdDown) this.#present.set(reservation.name, reservation);
    }
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
    const held = ledger.get(`${reservation.namespace}/${reservation.service}`)?.addresses ?? [];
    return reservation.ranges.every(
      ({ family, first, last }) =>
        first === last && held.some((address) => sameAddress(address, { family, value: first })),
    );
  }

  async #reconcile(name: string): Promise<Verdict> {
    const { client, world, namespace, term } = this.#options;
    if (!term.mayWrite()) return 'done';
    const wanted = this.#wanted.get(name);
    const target = { resource: addressReservations, namespace, name };
    if (wanted !== undefined && !this.#isOver(wanted)) {
      await client.patch(target, objectOf(wanted, namespace), {
        type: 'apply',
        force: true,
        fieldManager: CONTROLLER_FIELD_MANAGER,
        signal: term.signal,
      });
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
    await client.delete(target, { signal: term.signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    return 'done';
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

/** Neither part holds a dot, so no two Services have the same; at most 137 characters. */
function holdDownName(namespace: string, service: string): string {
  return `hold-down.${namespace}.${service}`;
}

function objectOf(reservation: Reservation, namespace: string): Record<string, unknown> {
  const { name, ranges, service, expiresAt, holdDown } = reservation;
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
    },
  };
}
