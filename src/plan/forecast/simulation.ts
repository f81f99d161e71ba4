/**
 * Services applied one after the other: what admission says to each, and what
 * the controller then gives. The same calls, in the same order, as webhook and
 * reconciler make.
 */
import type { Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_POOL } from '../../core/api/names.ts';
import { ownField } from '../../core/config/fields.ts';
import type { ServiceRequest } from '../../core/config/service-request.ts';
import { type Claim, Ledger } from '../../core/ipam/ledger.ts';
import { type Address, type Family, formatAddress, sameAddresses, without } from '../../core/net/address.ts';
import { claimantOf } from '../../core/policy/ask.ts';
import { decide } from '../../core/policy/decide.ts';
import type { Decision, RefusalReason } from '../../core/policy/decision.ts';
import { decideUpdate } from '../../core/policy/update.ts';
import type { World } from '../../core/policy/world.ts';
import { serviceRefusal } from '../../core/status/admission-message.ts';
import { allocatedCondition } from '../../core/status/conditions.ts';
import type { Millis } from '../../core/time.ts';

import { requestOf } from './request-of.ts';

/** A Service that is created or changed, or that waits. */
export interface Mover {
  readonly key: string;
  /** As it would be stored: the manifest over what is there. */
  readonly service: Service;
  /** As it is there now, if it is ours already. */
  readonly live: Service | undefined;
  /** As it is there now, if it is no load balancer of ours yet. */
  readonly former?: Service | undefined;
  /** The manifest changes it; false: it only waits. */
  readonly applied: boolean;
}

export type Outcome =
  | {
      readonly kind: 'assigned';
      readonly pool: string;
      readonly addresses: readonly Address[];
      readonly because: string;
      readonly warnings: readonly string[];
      /** What it holds stays, and nothing is added. */
      readonly kept: boolean;
    }
  | {
      readonly kind: 'waiting' | 'refused';
      readonly reason: RefusalReason;
      /** The field that must change. */
      readonly field: string;
      /** Of a refusal, the whole message of admission; of a wait, that of the Allocated condition. */
      readonly message: string;
      readonly warnings: readonly string[];
    };

/** Comparable text: equal outcomes have equal text. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind !== 'assigned') return `${outcome.kind} ${outcome.message}`;
  return `assigned ${outcome.pool} ${outcome.addresses.map(formatAddress).sort().join()}`;
}

/** Given to Services that aren't created yet; later than any real one. */
const notYet = '9999-12-31T23:59:59Z';

export class Simulation {
  #world: World;
  readonly #families: readonly Family[];
  /** Claims as they were before anything moved. */
  readonly #base: ReadonlyMap<string, Claim>;
  /** Have been looked at and have no address. */
  readonly #waiting = new Map<string, ServiceRequest>();
  readonly #outcomes = new Map<string, Outcome>();

  /** The world's ledger is moved; its claims at this moment are what `reset` goes back to. */
  constructor(world: World, families: readonly Family[]) {
    this.#world = world;
    this.#families = families;
    this.#base = new Map([...world.ledger.claims()].map((claim) => [claim.key, claim]));
  }

  get world(): World {
    return this.#world;
  }

  /** What was decided last of a Service. */
  outcome(key: string): Outcome | undefined {
    return this.#outcomes.get(key);
  }

  /** The configuration is another one from here on; who waits is asked again. */
  reconfigure(configuration: World['configuration']): void {
    this.#world = { ...this.#world, configuration };
    this.#world.ledger.configure(configuration, this.#world.now);
    this.askWaiting();
  }

  /** Takes back what these did. */
  reset(movers: readonly Mover[]): void {
    for (const { key } of movers) {
      const claim = this.#base.get(key);
      if (claim === undefined) this.world.ledger.release(key);
      else this.world.ledger.claim(claim);
      this.#waiting.delete(key);
      this.#outcomes.delete(key);
    }
  }

  /** What the configuration gives to those of them that are there, as they are there, and takes from them. */
  wake(movers: readonly Mover[]): void {
    for (const { live } of movers) if (live !== undefined) this.#reconcile(requestOf(live, this.#families));
  }

  /** Applies movers in this order; gives what each has in the end. */
  run(movers: readonly Mover[]): ReadonlyMap<string, Outcome> {
    for (const mover of movers) this.#apply(mover);
    return new Map(
      movers.flatMap(({ key }) => {
        const outcome = this.#outcomes.get(key);
        return outcome === undefined ? [] : [[key, outcome] as const];
      }),
    );
  }

  /** Services are gone: their addresses come free, and those who wait are asked, the elder first. */
  release(keys: readonly string[]): ReadonlyMap<string, Outcome> {
    for (const key of keys) this.world.ledger.release(key);
    return this.askWaiting();
  }

  /** Asks those who wait again; gives the outcomes that changed. */
  askWaiting(): ReadonlyMap<string, Outcome> {
    const changed = new Map<string, Outcome>();
    for (const request of [...this.#waiting.values()].sort(byAge)) {
      // One before it in this very round may have moved on its behalf.
      if (!this.#waiting.has(request.key)) continue;
      const outcome = this.#reconcile(request);
      if (outcome.kind === 'assigned') changed.set(request.key, outcome);
    }
    return changed;
  }

  #apply({ key, service, live, former, applied }: Mover): void {
    const { world } = this;
    const before = live && requestOf(live, this.#families);
    const old = former && requestOf(former, this.#families);
    const parsed = requestOf(service, this.#families);
    // What it was given since it was woken is in the ledger alone.
    const claimed = world.ledger.get(key)?.addresses ?? [];
    const held = before !== undefined && sameAddresses(claimed, before.held) ? before.held : [];
    const request: ServiceRequest = {
      ...parsed,
      held,
      uid: before?.uid ?? '',
      createdAt: before?.createdAt ?? '',
      assignedPool: (before ?? old)?.assignedPool,
      allocatedPool: before?.allocatedPool,
    };
    const chosen = decide(request, world);
    const assignedPool = chosen.kind === 'assigned' ? chosen.pool : request.assignedPool;
    const admitted = { ...request, assignedPool };
    if (before === undefined) {
      // A new Service is asked about three times with nothing changed between; the pool that is written on it is the answer's own.
      if (chosen.kind === 'refused') this.#outcomes.set(key, refused(chosen));
      else this.#settle({ ...admitted, uid: `plan:${key}`, createdAt: notYet }, chosen, []);
      return;
    }
    const answer = applied ? decideUpdate({ ...before, held }, admitted, world) : undefined;
    if (answer?.kind === 'refused') {
      this.#outcomes.set(key, refused(answer));
      return;
    }
    const outcome = this.#reconcile(admitted, answer?.warnings);
    if (outcome.kind === 'assigned' && held.length === 0) this.#outcomes.set(key, { ...outcome, kept: false });
  }

  /** What the controller does with an admitted Service. */
  #reconcile(request: ServiceRequest, said: readonly string[] = []): Outcome {
    return this.#settle(request, decide(request, this.world), said);
  }

  #settle(request: ServiceRequest, decision: Decision, said: readonly string[]): Outcome {
    const { world } = this;
    const { key } = request;
    const before = world.ledger.get(key);
    const outcome = outcomeOf(decision, said, world.now);
    // Whose change is refused goes on as it is, and the refusal is what is said of it.
    if (this.#outcomes.get(key)?.kind !== 'refused') this.#outcomes.set(key, outcome);
    if (decision.kind === 'assigned') {
      world.ledger.claim({ ...claimantOf(request), addresses: decision.addresses, pool: decision.pool });
      this.#waiting.delete(key);
    } else {
      if (decision.released.length > 0) world.ledger.release(key);
      this.#waiting.set(key, request);
    }
    const after = world.ledger.get(key);
    if (without(before?.addresses ?? [], after?.addresses ?? []).length > 0) this.askWaiting();
    return outcome;
  }
}

function byAge(a: ServiceRequest, b: ServiceRequest): number {
  const [x, y] = [`${a.createdAt || notYet} ${a.key}`, `${b.createdAt || notYet} ${b.key}`];
  return x < y ? -1 : 1;
}

function refused(answer: Extract<Decision, { kind: 'refused' }>): Outcome {
  const { reason, field, warnings } = answer;
  return { kind: 'refused', reason, field, message: serviceRefusal(answer).message, warnings };
}

function outcomeOf(decision: Decision, said: readonly string[], now: Millis): Outcome {
  if (decision.kind === 'assigned') {
    const { pool, addresses, because, warnings, kept, unmet } = decision;
    const unserved = unmet === undefined ? [] : [unmet.message];
    return { kind: 'assigned', pool, addresses, because, warnings: unique([...said, ...warnings, ...unserved]), kept };
  }
  // Admitted, so it is stored and waits, whatever the reason; its condition says why.
  const { reason, field } = decision;
  const { message } = allocatedCondition(decision, undefined, now);
  const warnings = unique([...said, ...decision.warnings]).filter((each) => each !== decision.message);
  return { kind: 'waiting', reason, field, message, warnings };
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}

/** A ledger with the addresses that the statuses of these Services hold. */
export function ledgerOf(
  services: Iterable<Service>,
  world: Omit<World, 'ledger'>,
  families: readonly Family[],
): Ledger {
  const ledger = new Ledger();
  ledger.configure(world.configuration, world.now);
  for (const service of services) {
    const request = requestOf(service, families);
    if (request.held.length === 0) continue;
    ledger.claim({ ...claimantOf(request), addresses: request.held, pool: request.allocatedPool });
  }
  return ledger;
}

/** The Service as the apiserver would store it: the manifest over what is there. */
export function stored(written: Service, live: Service | undefined): Service {
  if (live === undefined) return written;
  const { uid, creationTimestamp } = live.metadata;
  const assigned = ownField(live.metadata.annotations, ASSIGNED_POOL);
  const annotations = {
    ...written.metadata.annotations,
    ...(typeof assigned === 'string' && { [ASSIGNED_POOL]: assigned }),
  };
  return {
    ...written,
    metadata: {
      ...written.metadata,
      annotations,
      ...(uid !== undefined && { uid }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    spec: { ...familiesAfter(written, live), ...written.spec },
    ...(live.status && { status: live.status }),
  };
}

/** Families that the manifest leaves open stay as the apiserver chose them. */
function familiesAfter(written: Service, live: Service): Pick<Service['spec'], 'ipFamilies' | 'ipFamilyPolicy'> {
  const { ipFamilies, ipFamilyPolicy } = live.spec;
  const policy = written.spec.ipFamilyPolicy ?? ipFamilyPolicy;
  const given = written.spec.ipFamilies ?? ipFamilies;
  return {
    ...(policy !== undefined && { ipFamilyPolicy: policy }),
    ...(given !== undefined && { ipFamilies: policy === 'SingleStack' ? given.slice(0, 1) : given }),
  };
}
