/**
 * Services applied one after the other: what admission says to each, and what
 * the controller then gives. The same calls, in the same order, as webhook and
 * reconciler make.
 */
import type { Service } from '../../core/api/kubernetes.ts';
import { ASSIGNED_POOL } from '../../core/api/names.ts';
import { compareText } from '../../core/config/entry.ts';
import { ownField } from '../../core/config/fields.ts';
import type { ServiceRequest } from '../../core/config/service-request.ts';
import { type Claim, Ledger } from '../../core/ipam/ledger.ts';
import { type Address, type Family, formatAddress, sameAddresses, without } from '../../core/net/address.ts';
import { claimantOf } from '../../core/policy/ask.ts';
import { decide } from '../../core/policy/decide.ts';
import type { Decision, RefusalReason } from '../../core/policy/decision.ts';
import { holdDownName, holdDownOf } from '../../core/policy/hold-down.ts';
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
  /** The manifest makes it a Service that asks for no load balancer of ours: it gives up what it holds. */
  readonly leaves?: boolean;
}

/** What decides beside the addresses given, at one moment of a commit that is applied object by object. */
export type Stage = Pick<World, 'configuration' | 'namespaceLabels'>;

/** What the world passes through before it is as it will be. */
export interface Passage {
  readonly stages: readonly Stage[];
  /** Services that hold less than they ask for: a stage may give it to them. */
  readonly restless: ReadonlySet<string>;
}

/** A Service that is ours no more, as it was. */
export interface Leaving {
  readonly key: string;
  readonly service: Service;
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
  /** Each Service as it was looked at last. */
  readonly #requests = new Map<string, ServiceRequest>();
  /** Names of hold-downs that began here. */
  readonly #holds = new Set<string>();
  readonly passage: Passage;

  /** The world's ledger is moved; its claims at this moment are what `reset` goes back to. */
  constructor(world: World, families: readonly Family[], passage: Passage = { stages: [], restless: new Set() }) {
    this.#world = world;
    this.#families = families;
    this.passage = passage;
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
  reconfigure(configuration: World['configuration']): ReadonlyMap<string, Outcome> {
    this.#enter({ ...this.#world, configuration });
    return this.askWaiting();
  }

  #enter(world: World): void {
    this.#world = world;
    world.ledger.configure(world.configuration, world.now);
  }

  /** Takes back what these did. */
  reset(movers: readonly Mover[]): void {
    for (const { key } of movers) {
      this.#endHold(holdDownName(key));
      this.#put(key, this.#base.get(key));
      this.#waiting.delete(key);
      this.#outcomes.delete(key);
      this.#requests.delete(key);
    }
  }

  /** Runs something, and takes back what it did. */
  tentatively<T>(run: () => T): T {
    const { ledger } = this.#world;
    const claims = new Map([...ledger.claims()].map((claim) => [claim.key, claim]));
    const [waiting, outcomes, requests] = [new Map(this.#waiting), new Map(this.#outcomes), new Map(this.#requests)];
    const holds = new Set(this.#holds);
    const result = run();
    for (const name of this.#holds) if (!holds.has(name)) this.#endHold(name);
    const keys = new Set([...claims.keys(), ...[...ledger.claims()].map(({ key }) => key)]);
    for (const key of keys) if (ledger.get(key) !== claims.get(key)) this.#put(key, claims.get(key));
    refill(this.#waiting, waiting);
    refill(this.#outcomes, outcomes);
    refill(this.#requests, requests);
    return result;
  }

  #put(key: string, claim: Claim | undefined): void {
    if (claim === undefined) this.world.ledger.release(key);
    else this.world.ledger.claim(claim);
  }

  #endHold(name: string): void {
    if (this.#holds.delete(name)) this.#world.ledger.unhold(name);
  }

  /**
   * What the configuration gives to those of them that are there, as they are there, and takes from them; they are
   * looked at in each stage from the given one on, and at the end.
   */
  wake(movers: readonly Mover[], from: number = this.passage.stages.length): void {
    const end = this.#world;
    for (const stage of this.passage.stages.slice(from)) {
      this.#enter({ ...end, ...stage });
      this.#look(movers);
    }
    if (from < this.passage.stages.length) this.#enter(end);
    this.#look(movers);
  }

  #look(movers: readonly Mover[]): void {
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

  /** Whether somebody waits. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Services go one after the other: each time addresses come free, and those who wait are asked. */
  release(leaving: readonly Leaving[], newcomers: Newcomers = 'by name'): ReadonlyMap<string, Outcome> {
    const changed = new Map<string, Outcome>();
    for (const each of leaving) {
      this.#letGo(each);
      for (const [key, outcome] of this.askWaiting(newcomers)) changed.set(key, outcome);
    }
    return changed;
  }

  /** Asks those who wait again, the elder first; gives the outcomes that changed. */
  askWaiting(newcomers: Newcomers = 'by name'): ReadonlyMap<string, Outcome> {
    const changed = new Map<string, Outcome>();
    for (const request of [...this.#waiting.values()].sort(byAge(newcomers))) {
      // One before it in this very round may have moved on its behalf.
      if (!this.#waiting.has(request.key)) continue;
      const outcome = this.#reconcile(request);
      if (outcome.kind === 'assigned') changed.set(request.key, outcome);
    }
    return changed;
  }

  /** Looks again at those whose addresses lie in no pool any more; gives who they are. */
  moveStrays(live: ReadonlyMap<string, Service>): readonly string[] {
    const strays = this.#world.ledger.strays().map(({ key }) => key);
    for (const key of strays) {
      const service = live.get(key);
      const request = this.#requests.get(key) ?? (service && requestOf(service, this.#families));
      if (request !== undefined) this.#reconcile(request);
    }
    return strays;
  }

  /** As the controller does with a Service that is gone: what nobody else holds may stay kept for its name. */
  #letGo({ key, service }: Leaving): void {
    const { ledger, now } = this.#world;
    this.#waiting.delete(key);
    const claim = ledger.release(key);
    if (claim === undefined) return;
    const request = requestOf(service, this.#families);
    const kept = holdDownOf({ claim, addresses: claim.addresses, request, at: now }, this.#world);
    if (kept === undefined) return;
    this.#holds.add(kept.name);
    ledger.hold(kept, now);
  }

  #apply(mover: Mover): void {
    const { key, service, applied, leaves = false } = mover;
    if (leaves) {
      this.#letGo({ key, service });
      this.#outcomes.delete(key);
      this.askWaiting();
      return;
    }
    const { admitted, before, chosen } = this.#admission(mover);
    if (before === undefined) {
      // A new Service is asked about three times with nothing changed between; the pool that is written on it is the answer's own.
      if (chosen.kind === 'refused') this.#outcomes.set(key, refused(chosen));
      else this.#settle({ ...admitted, uid: `plan:${key}`, createdAt: notYet }, chosen, []);
      return;
    }
    const answer = applied ? decideUpdate(before, admitted, this.world) : undefined;
    if (answer?.kind === 'refused') {
      this.#outcomes.set(key, refused(answer));
      return;
    }
    const outcome = this.#reconcile(admitted, answer?.warnings);
    if (outcome.kind === 'assigned' && before.held.length === 0) this.#outcomes.set(key, { ...outcome, kept: false });
  }

  /** What a mover that gets nothing would be told as things are now; undefined where it would get something. */
  told(mover: Mover): string | undefined {
    const { admitted, before, chosen } = this.#admission(mover);
    const answer = before !== undefined && mover.applied ? decideUpdate(before, admitted, this.world) : chosen;
    const decision = answer.kind === 'refused' ? answer : before === undefined ? chosen : decide(admitted, this.world);
    if (decision.kind === 'assigned') return undefined;
    const outcome = answer.kind === 'refused' ? refused(answer) : outcomeOf(decision, [], this.world.now);
    return outcome.kind === 'assigned' ? undefined : outcome.message;
  }

  /** A mover as admission has it: before, and with the pool that the first webhook writes on it. */
  #admission({ key, service, live, former }: Mover): {
    readonly admitted: ServiceRequest;
    /** As it is there now, with what it holds. */
    readonly before: ServiceRequest | undefined;
    readonly chosen: Decision;
  } {
    const { world } = this;
    const present = live && requestOf(live, this.#families);
    const old = former && requestOf(former, this.#families);
    // What it was given since it was woken is in the ledger alone.
    const claimed = world.ledger.get(key)?.addresses ?? [];
    const held = present !== undefined && sameAddresses(claimed, present.held) ? present.held : [];
    const request: ServiceRequest = {
      ...requestOf(service, this.#families),
      held,
      uid: present?.uid ?? '',
      createdAt: present?.createdAt ?? '',
      assignedPool: (present ?? old)?.assignedPool,
      allocatedPool: present?.allocatedPool,
    };
    const chosen = decide(request, world);
    const assignedPool = chosen.kind === 'assigned' ? chosen.pool : request.assignedPool;
    return { admitted: { ...request, assignedPool }, before: present && { ...present, held }, chosen };
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
    this.#requests.set(key, request);
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

/** Services that the commit brings are of one age, or nearly: which is the elder, only the cluster knows. */
export type Newcomers = 'by name' | 'by name, backwards';

function byAge(newcomers: Newcomers): (a: ServiceRequest, b: ServiceRequest) => number {
  const sign = newcomers === 'by name' ? 1 : -1;
  return (a, b) => {
    if (a.createdAt === b.createdAt && a.createdAt === notYet) return sign * compareText(a.key, b.key);
    return compareText(`${a.createdAt || notYet} ${a.key}`, `${b.createdAt || notYet} ${b.key}`);
  };
}

function refill<T>(map: Map<string, T>, content: ReadonlyMap<string, T>): void {
  map.clear();
  for (const [key, value] of content) map.set(key, value);
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
