/**
 * A cluster with Berth's decisions carried out in it, and the promises checked
 * beside, each worked out anew from the objects and by none of Berth's own rules.
 */
import assert from 'node:assert/strict';
import type { Policy } from '../../src/core/config/configuration.ts';
import type { ServiceRequest } from '../../src/core/config/service-request.ts';
import { type Address, formatAddress, isOneOf } from '../../src/core/net/address.ts';
import { rangeContains } from '../../src/core/net/range.ts';
import { decide } from '../../src/core/policy/decide.ts';
import type { Assigned, Decision } from '../../src/core/policy/decision.ts';
import { decideUpdate } from '../../src/core/policy/update.ts';
import type { World } from '../../src/core/policy/world.ts';
import { hold, outcome, reconfigured, type ServiceSpec, service, type WorldSpec, worldOf } from './world.ts';

export class ModelCluster {
  world: World;
  spec: WorldSpec;
  /** What is stored: the author's Service and its status. */
  readonly #stored = new Map<string, Stored>();
  #births = 0;

  constructor(spec: WorldSpec) {
    this.spec = spec;
    this.world = worldOf(spec);
  }

  get services(): readonly ServiceSpec[] {
    return [...this.#stored.values()].map(({ spec }) => spec);
  }

  statusOf(key: string): readonly string[] | undefined {
    return this.#stored.get(key)?.spec.status;
  }

  /** Creates a Service, or updates the one that is there; what is refused leaves no trace. */
  apply(spec: ServiceSpec): void {
    const known = this.#stored.get(spec.key);
    if (known === undefined) {
      this.#births += 1;
      const born = stored({ ...spec, uid: `uid-${this.#births}` });
      const decision = this.#decide(born.request, (request) => decide(request, this.world));
      if (decision.kind !== 'refused') this.#carryOut(born, decision);
      return;
    }
    const { uid = '', createdAt = '', status = [] } = known.spec;
    const next = stored({ ...spec, uid, createdAt, status });
    const admitted = this.#decide(next.request, (request) => decideUpdate(known.request, request, this.world));
    if (admitted.kind === 'refused') return;
    this.#stored.set(spec.key, next);
    this.reconcile(spec.key);
  }

  remove(key: string): void {
    this.#stored.delete(key);
    this.world.ledger.release(key);
  }

  reconcile(key: string): void {
    const known = this.#stored.get(key);
    if (known === undefined) return;
    this.#carryOut(
      known,
      this.#decide(known.request, (request) => decide(request, this.world)),
    );
  }

  /** Changes the configuration; what Services hold stays recorded. */
  reconfigure(spec: WorldSpec): void {
    this.spec = spec;
    this.world = reconfigured(this.world, spec);
  }

  /** Everything that must hold at any time. */
  check(): void {
    const all = this.#requests().filter(({ held }) => held.length > 0);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        if (!one.held.some((address) => isOneOf(address, other.held))) continue;
        assert.ok(
          one.sharingKey !== undefined && other.sharingKey !== undefined,
          `${one.key} and ${other.key} share unasked`,
        );
        assert.ok(!portsMeet(one, other), `${one.key} and ${other.key} have one port of one address`);
      }
    }
  }

  #decide(request: ServiceRequest, ask: (request: ServiceRequest) => Decision): Decision {
    const before = this.#counts();
    const decision = ask(request);
    assert.equal(this.#counts(), before, 'a decision changes nothing');
    assert.equal(outcome(ask(request)), outcome(decision), 'the same question has the same answer');
    if (decision.kind === 'assigned') this.#checkAssigned(request, decision);
    return decision;
  }

  #counts(): string {
    const { ledger, configuration } = this.world;
    const counts = [...configuration.pools.keys()].map((name) =>
      Object.values(ledger.counts(name)).map((each) => each.available),
    );
    return `${ledger.size} ${counts}`;
  }

  #carryOut({ spec, request }: Stored, decision: Decision): void {
    if (decision.kind !== 'assigned') {
      this.world.ledger.release(spec.key);
      this.#stored.set(spec.key, request.held.length === 0 ? { spec, request } : stored({ ...spec, status: [] }));
      return;
    }
    const now = stored({ ...spec, status: decision.addresses.map(formatAddress) });
    const before = this.#usage(request.namespace);
    this.#stored.set(spec.key, now);
    this.#checkQuota(now.request, before);
    hold(this.world, now.request);
    const again = decide(now.request, this.world);
    assert.ok(
      again.kind === 'assigned' && again.kept,
      `${spec.key} is left alone once it is served: ${outcome(again)}`,
    );
  }

  #requests(): readonly ServiceRequest[] {
    return [...this.#stored.values()].map(({ request }) => request);
  }

  #checkAssigned(request: ServiceRequest, decision: Assigned): void {
    const { addresses, pool } = decision;
    const families = addresses.map(({ family }) => family);
    assert.equal(new Set(families).size, families.length, 'at most one address a family');
    assert.ok(
      families.every((family) => request.families.includes(family)),
      'no family that was not asked for',
    );
    if (request.familyPolicy !== 'PreferDualStack' && decision.unmet === undefined) {
      assert.equal(families.length, request.families.length, 'every family that must be there');
    }
    for (const address of decision.added) this.#checkAddress(request, address, pool);
    if (decision.unmet !== undefined || decision.added.length === 0) return;
    assert.ok(
      request.requestedAddresses.every((asked) => isOneOf(asked, addresses)),
      'what was asked for by address',
    );
    assert.ok([undefined, pool].includes(request.requestedPool), 'what was asked for by pool');
  }

  #checkAddress(request: ServiceRequest, address: Address, pool: string): void {
    const { configuration, now } = this.world;
    const text = `${formatAddress(address)} for ${request.key}`;
    const home = configuration.pools.get(pool);
    assert.ok(
      home?.ranges.some((range) => rangeContains(range, address)),
      `${text} lies in pool ${pool}`,
    );
    const reservations = configuration.reservations.filter(
      (each) => (each.expiresAt ?? now + 1) > now && each.ranges.some((range) => rangeContains(range, address)),
    );
    for (const each of reservations) {
      const mine = each.namespace === request.namespace && [undefined, request.name].includes(each.service);
      assert.ok(mine, `${text} is reserved by ${each.name}`);
    }
    if (reservations.length === 0) this.#checkPinned(request, pool);
    for (const holder of this.#requests()) {
      if (holder.key === request.key || !isOneOf(address, holder.held)) continue;
      assert.ok(this.#compatible(request, holder), `${text} is shared with ${holder.key}`);
    }
  }

  #checkPinned(request: ServiceRequest, pool: string): void {
    const raw = (this.spec.pools as Record<string, { serviceAllocation?: Record<string, unknown> }>)[pool]
      ?.serviceAllocation;
    if (raw === undefined) return;
    const { namespaces, namespaceSelectors, serviceSelectors } = raw;
    const labels = this.world.namespaceLabels(request.namespace);
    if (Array.isArray(namespaces)) assert.ok(namespaces.includes(request.namespace), `${pool} is pinned to others`);
    if (namespaceSelectors !== undefined) assert.equal(labels?.env, 'prod', `${pool} is pinned to others`);
    if (serviceSelectors !== undefined) assert.equal(request.labels.team, 'x', `${pool} is pinned to other labels`);
  }

  #compatible(a: ServiceRequest, b: ServiceRequest): boolean {
    const mates =
      this.spec.policies?.['e-sharing'] !== undefined && [a, b].every(({ namespace }) => namespace !== 'team-c');
    if (a.namespace !== b.namespace && !mates) return false;
    if (a.sharingKey === undefined || a.sharingKey !== b.sharingKey || portsMeet(a, b)) return false;
    return [a, b].every(({ trafficPolicy }) => trafficPolicy === 'Cluster') || a.backends === b.backends;
  }

  #usage(namespace: string): Usage {
    const mine = this.#requests().filter((each) => each.namespace === namespace);
    const addresses = [...new Set(mine.flatMap(({ held }) => held.map(formatAddress)))];
    return { services: mine.filter(({ held }) => held.length > 0).length, addresses };
  }

  #checkQuota(request: ServiceRequest, before: Usage): void {
    const policy = this.world.configuration.policies.find(
      (each) => each.quota !== undefined && speaksFor(each, request),
    );
    const quota = policy?.quota;
    if (quota === undefined) return;
    const after = this.#usage(request.namespace);
    const fours = ({ addresses }: Usage): number => addresses.filter((text) => !text.includes(':')).length;
    const inPool = ({ addresses }: Usage, index: string): number =>
      addresses.filter(
        (text) =>
          text.startsWith(`10.0.${index}.`) ||
          text.startsWith(`fd00:${index}::`) ||
          (index === '0' && text.startsWith('fd00::')),
      ).length;
    const counts: readonly (readonly [number | undefined, number, number])[] = [
      [quota.services, before.services, after.services],
      [quota.addresses, before.addresses.length, after.addresses.length],
      [quota.addressesPerFamily.IPv4, fours(before), fours(after)],
      ...[...quota.perPool].map(
        ([pool, limit]) => [limit, inPool(before, pool.slice(1)), inPool(after, pool.slice(1))] as const,
      ),
    ];
    for (const [limit, was, is] of counts) {
      assert.ok(
        limit === undefined || is <= Math.max(limit, was),
        `quota of ${policy?.name}: ${is} of ${limit}, was ${was}`,
      );
    }
  }
}

interface Stored {
  readonly spec: ServiceSpec;
  /** The same, read once. */
  readonly request: ServiceRequest;
}

function stored(spec: ServiceSpec): Stored {
  return { spec, request: service(spec) };
}

interface Usage {
  readonly services: number;
  /** Each once. */
  readonly addresses: readonly string[];
}

/** The random policies with a quota match by namespace alone. */
function speaksFor(policy: Policy, request: ServiceRequest): boolean {
  return policy.match?.namespaces?.includes(request.namespace) ?? true;
}

function portsMeet(a: ServiceRequest, b: ServiceRequest): boolean {
  return a.ports.some((port) => b.ports.some((other) => port.port === other.port && port.protocol === other.protocol));
}
