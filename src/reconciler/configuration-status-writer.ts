/**
 * Keeps the status of pools, policies and reservations true: gathered for a
 * moment, and written only where it differs from what is stored.
 */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../core/api/kubernetes.ts';
import { CONTROLLER_FIELD_MANAGER } from '../core/api/names.ts';
import type { Conflict } from '../core/ipam/ledger.ts';
import type { Address } from '../core/net/address.ts';
import { conflictsIn } from '../core/policy/conflicts.ts';
import type { KubeClient } from '../kube/client.ts';
import { describe, isNotFound } from '../kube/kube-error.ts';
import type { Term } from '../kube/lease.ts';
import type { LiveWorld, WorldChange } from '../kube/live-world.ts';
import { addressPolicies, addressReservations, ipAddressPools } from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';
import {
  type PreviousStatus,
  type Status,
  statusOfPolicy,
  statusOfPool,
  statusOfReservation,
} from './configuration-status.ts';
import { KeyedQueue, type Verdict } from './keyed-queue.ts';
import { PolicyMembers } from './policy-members.ts';

const kinds = { ipAddressPools, addressPolicies, addressReservations } as const;
type Kind = keyof typeof kinds;

export interface ConfigurationStatusOptions {
  readonly client: KubeClient;
  readonly world: LiveWorld;
  readonly namespace: string;
  readonly term: Term;
  readonly log: Logger;
  /** How long changes are gathered; 500 ms. */
  readonly gatherMs?: number;
}

export class ConfigurationStatusWriter {
  readonly #options: ConfigurationStatusOptions;
  readonly #queue: KeyedQueue;
  readonly #members = new PolicyMembers();
  readonly #dirty = new Set<string>();
  /** What was written against a version of an object, until another version is seen. */
  readonly #written = new Map<string, { readonly base: string | undefined; readonly status: Status }>();
  #timer: NodeJS.Timeout | undefined;
  /** Worked out once for all that is written in one turn. */
  #shared: { readonly conflicts: readonly Conflict[]; readonly held: readonly Address[] } | undefined;

  constructor(options: ConfigurationStatusOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({
      work: (id) => this.#write(id),
      onError: (id, error) => options.log.warn({ object: id, error: describe(error) }, 'status not written'),
      background: 4,
    });
  }

  /** Looks at everything: at the start of a term, and after the configuration has changed. */
  all(): void {
    const { world } = this.#options;
    const now = world.world();
    this.#members.clear();
    for (const { key } of now.ledger.claims()) {
      const service = world.service(key);
      if (service !== undefined) this.#members.set(world.request(service), now);
    }
    for (const kind of Object.keys(kinds) as Kind[]) {
      for (const name of world.names(kind)) this.#mark(kind, name);
    }
  }

  changed(change: WorldChange): void {
    switch (change.kind) {
      case 'claim':
        this.#claimChanged(change);
        break;
      case 'configuration':
        this.all();
        break;
      case 'namespace':
      case 'service':
        break;
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#queue.stop();
  }

  #claimChanged({ key, before, after }: Extract<WorldChange, { kind: 'claim' }>): void {
    const { world } = this.#options;
    const now = world.world();
    const service = after && world.service(key);
    const policies = service ? this.#members.set(world.request(service), now) : this.#members.delete(key);
    for (const policy of policies) this.#mark('addressPolicies', policy);
    for (const address of [...(before?.addresses ?? []), ...(after?.addresses ?? [])]) {
      const pool = now.ledger.poolOf(address);
      if (pool !== undefined) this.#mark('ipAddressPools', pool.name);
      for (const { name } of now.ledger.reservationsAt(address, now.now)) this.#mark('addressReservations', name);
    }
  }

  #mark(kind: Kind, name: string): void {
    this.#dirty.add(`${kind}/${name}`);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const id of this.#dirty) this.#queue.later(id);
      this.#dirty.clear();
    }, this.#options.gatherMs ?? 500);
  }

  async #write(id: string): Promise<Verdict> {
    const { client, world, namespace, term } = this.#options;
    const slash = id.indexOf('/');
    const kind = id.slice(0, slash) as Kind;
    const name = id.slice(slash + 1);
    const object = world.object(kind, name);
    if (object === undefined) {
      this.#written.delete(id);
      return 'done';
    }
    const status = this.#statusOf(kind, object, this.#present(id, object));
    if (status === undefined || !term.mayWrite()) return 'done';
    this.#written.set(id, { base: object.metadata.resourceVersion, status });
    const target = { resource: kinds[kind], namespace, name, subresource: 'status' };
    try {
      const options = { type: 'merge', fieldManager: CONTROLLER_FIELD_MANAGER, signal: term.signal } as const;
      await client.patch(target, { status }, options);
      return 'done';
    } catch (error) {
      this.#written.delete(id);
      if (isNotFound(error)) return 'done';
      throw error;
    }
  }

  /** The status as stored, or as written where the watch hasn't shown it yet. */
  #present(id: string, object: KubeObject): (PreviousStatus & Readonly<Record<string, unknown>>) | undefined {
    const written = this.#written.get(id);
    if (written?.base === object.metadata.resourceVersion) return written?.status;
    this.#written.delete(id);
    return (object as KubeObject & { status?: PreviousStatus & Record<string, unknown> }).status;
  }

  /** Undefined where the object says so already. */
  #statusOf(
    kind: Kind,
    object: KubeObject,
    present: (PreviousStatus & Readonly<Record<string, unknown>>) | undefined,
  ): Status | undefined {
    const next = this.#nextStatus(kind, object, present);
    // Conditions of others on the object stay; a Stalled of ours that is over goes.
    const same = Object.entries(next ?? {}).every(([key, value]) => isDeepStrictEqual(present?.[key], value));
    return same ? undefined : next;
  }

  #nextStatus(kind: Kind, object: KubeObject, present: PreviousStatus | undefined): Status | undefined {
    const world = this.#options.world.world();
    switch (kind) {
      case 'ipAddressPools':
        return statusOfPool(object, present, world, this.#sharedFacts().conflicts);
      case 'addressPolicies':
        return statusOfPolicy(object, present, world, this.#members.of(object.metadata.name));
      case 'addressReservations': {
        // A hold-down is ours from end to end, and short-lived: its status would only cost writes.
        const reservation = world.configuration.reservations.find(({ name }) => name === object.metadata.name);
        if (reservation?.holdDown) return undefined;
        return statusOfReservation(object, present, world, this.#sharedFacts().held);
      }
    }
  }

  #sharedFacts(): { readonly conflicts: readonly Conflict[]; readonly held: readonly Address[] } {
    if (this.#shared === undefined) {
      const world = this.#options.world.world();
      this.#shared = {
        conflicts: conflictsIn(world),
        held: [...world.ledger.claims()].flatMap((claim) => claim.addresses),
      };
      setImmediate(() => {
        this.#shared = undefined;
      });
    }
    return this.#shared;
  }
}
