/**
 * Random sequences of what authors do, with two controllers of which the leader
 * is killed at random. A watch sees every version of every Service in the order
 * of etcd: at none of them may an address be given twice.
 */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Service } from '../../src/core/api/kubernetes.ts';
import { parseAddress } from '../../src/core/net/address.ts';
import { parseRange, rangeContains } from '../../src/core/net/range.ts';
import { isConflict, isNotFound, KubeError } from '../../src/kube/kube-error.ts';
import { watchKind } from '../../src/kube/list-watch.ts';
import * as resources from '../../src/kube/resources.ts';
import { ChildControllers } from '../support/kube/child-controllers.ts';
import { addressesOf, ClusterGround, conditionOf } from '../support/kube/cluster-ground.ts';

const sharingKey = 'metallb.io/allow-shared-ip';
const quota = 4;
const ranges = ['192.0.2.0/29', '2001:db8::/125'];
const roundsOfKills = 5;
const stepsPerRound = 60;

let ground: ClusterGround;
let controllers: ChildControllers;

before(async () => {
  ground = await ClusterGround.open();
  controllers = new ChildControllers(ground);
  for (const name of ['a', 'b', 'limited']) await ground.namespace(name);
  await ground.configure(resources.ipAddressPools, 'edge', { addresses: ranges });
  await ground.configure(resources.addressPolicies, 'limited', {
    match: { namespaces: ['limited'] },
    quota: { services: quota },
    releaseDelay: '1s',
  });
});
after(async () => {
  await controllers.stopAll();
  await ground.close();
});

const names = ['s1', 's2', 's3', 's4', 's5', 's6'];
const aStep = fc.record({
  act: fc.constantFrom('create', 'create', 'create', 'delete', 'delete', 'flip', 'wish', 'touch', 'wipe'),
  namespace: fc.constantFrom('a', 'b', 'limited'),
  name: fc.constantFrom(...names),
  form: fc.constantFrom('plain', 'plain', 'shared', 'dual', 'six', 'pinned'),
  number: fc.nat(7),
  pauseMs: fc.nat(30),
});
type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

function specOf(step: Step): { annotations: Record<string, string>; spec: Record<string, unknown> } {
  // Sharers differ by port: two of one name never exist at once.
  const ports = [{ port: 80 + names.indexOf(step.name) }];
  const none = { annotations: {}, spec: { ports } };
  switch (step.form) {
    case 'plain':
      return none;
    case 'shared':
      return { ...none, annotations: { [sharingKey]: 'web' } };
    case 'dual':
      return { ...none, spec: { ports, ipFamilyPolicy: 'PreferDualStack' } };
    case 'six':
      return { ...none, spec: { ports, ipFamilies: ['IPv6'] } };
    case 'pinned':
      return { ...none, spec: { ports, loadBalancerIP: `192.0.2.${step.number}` } };
  }
}

async function carryOut(step: Step): Promise<void> {
  const key = `${step.namespace}/${step.name}`;
  try {
    switch (step.act) {
      case 'create':
        await ground.service(key, undefined, specOf(step));
        break;
      case 'delete':
        await ground.deleteService(key);
        break;
      case 'flip': {
        const { spec } = await ground.read(key);
        const next = spec.type === 'LoadBalancer' ? 'ClusterIP' : 'LoadBalancer';
        await ground.edit(key, {
          spec: { type: next, ...(next === 'ClusterIP' && { allocateLoadBalancerNodePorts: null }) },
        });
        break;
      }
      case 'wish':
        await ground.edit(key, { spec: { loadBalancerIP: `192.0.2.${step.number}` } });
        break;
      case 'touch':
        await ground.edit(key, { metadata: { labels: { touched: String(step.number) } } });
        break;
      case 'wipe':
        await ground.edit(key, { status: { loadBalancer: null } }, 'status');
        break;
    }
  } catch (error) {
    // What is there already, or not any more, or asks for what the apiserver itself forbids: the author shrugs.
    const expected =
      isNotFound(error) || isConflict(error) || (error instanceof KubeError && [409, 422].includes(error.status));
    if (!expected) throw error;
  }
}

/** What is wrong with one moment's Services; empty: nothing. */
function faultsOf(services: Iterable<Service>): string[] {
  const faults: string[] = [];
  const holders = new Map<string, Service>();
  for (const service of services) {
    for (const address of addressesOf(service)) {
      if (!isInPool(address)) faults.push(`${nameOf(service)} has ${address}, which is in no pool`);
      const port = service.spec.ports?.[0]?.port;
      const key = service.metadata.annotations?.[sharingKey];
      // Sharers of one key, namespace and different ports may have an address together.
      const place = key === undefined ? `${address}` : `${address} ${service.metadata.namespace} ${key} ${port}`;
      const other =
        holders.get(place) ??
        [...holders].find(([at, holder]) => at.split(' ')[0] === address && !maySit(holder, service))?.[1];
      if (other !== undefined) faults.push(`${nameOf(service)} and ${nameOf(other)} both have ${address}`);
      holders.set(place, service);
    }
  }
  return faults;
}

function maySit(a: Service, b: Service): boolean {
  const [keyA, keyB] = [a, b].map((service) => service.metadata.annotations?.[sharingKey]);
  return (
    keyA !== undefined &&
    keyA === keyB &&
    a.metadata.namespace === b.metadata.namespace &&
    a.spec.ports?.[0]?.port !== b.spec.ports?.[0]?.port
  );
}

function isInPool(text: string): boolean {
  const address = parseAddress(text);
  return (
    address.ok &&
    ranges.some((range) => {
      const parsed = parseRange(range);
      return parsed.ok && rangeContains(parsed.value.range, address.value);
    })
  );
}

const nameOf = (service: Service): string => `${service.metadata.namespace}/${service.metadata.name}`;

/** Faults that only count once everything has come to rest. */
function restFaults(services: readonly Service[]): string[] {
  const asking = services.filter(({ spec }) => spec.type === 'LoadBalancer');
  const faults = faultsOf(services);
  const limited = asking.filter(
    (service) => service.metadata.namespace === 'limited' && addressesOf(service).length > 0,
  );
  if (limited.length > quota) faults.push(`limited has ${limited.length} Services with addresses`);
  const held = new Set(asking.flatMap(addressesOf).filter((address) => address.includes('.')));
  for (const service of asking) {
    const condition = conditionOf(service);
    if (addressesOf(service).length > 0) {
      if (condition?.status !== 'True') faults.push(`${nameOf(service)} has an address and says ${condition?.reason}`);
    } else if (condition?.status !== 'False') {
      faults.push(`${nameOf(service)} has no address and doesn’t say why`);
    } else if (condition.reason === 'OutOfIPs' && service.spec.ipFamilies?.[0] === 'IPv4' && held.size < 8) {
      faults.push(`${nameOf(service)} waits though ${8 - held.size} addresses are free`);
    }
  }
  return faults;
}

it('no address is ever given twice, whatever authors do and whenever leaders die', async (test) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  test.diagnostic(`SEED=${seed}`);
  const steps = fc.sample(aStep, { seed, numRuns: roundsOfKills * stepsPerRound });

  const present = new Map<string, Service>();
  const history: string[] = [];
  const stop = new AbortController();
  test.after(() => stop.abort());
  const watch = watchKind<Service>({
    client: ground.client,
    resource: resources.services,
    signal: stop.signal,
    onChange(change) {
      if (change.kind === 'deleted') present.delete(change.key);
      else present.set(change.key, change.object);
      history.push(...faultsOf(present.values()));
    },
    onTrouble: (error) => history.push(`the witness was interrupted: ${String(error)}`),
  });
  await watch.synced;

  controllers.start('left');
  controllers.start('right');
  let kills = 0;
  for (let round = 0; round < roundsOfKills; round++) {
    const leader = await ground.until('one leads', () => controllers.leader());
    const ofRound = steps.slice(round * stepsPerRound, (round + 1) * stepsPerRound);
    const dies = steps[round]?.number ?? 0;
    for (const [index, step] of ofRound.entries()) {
      await Promise.all([carryOut(step), sleep(step.pauseMs)]);
      if (index !== 20 + dies * 3) continue;
      await controllers.kill(leader);
      controllers.start(leader);
      kills++;
    }
  }
  assert.equal(kills, roundsOfKills);

  let faults: string[] = [];
  await ground.until(
    'everything comes to rest without a fault',
    async () => {
      const list = await ground.client.list<Service>({ resource: resources.services });
      faults = restFaults(list.items);
      return faults.length === 0 || undefined;
    },
    () => `SEED=${seed}: ${faults.join('; ')}`,
  );
  assert.deepEqual(history, [], `SEED=${seed}`);
  assert.deepEqual(controllers.failures, []);
});
