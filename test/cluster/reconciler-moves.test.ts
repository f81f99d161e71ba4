/** Services that another host’s address was given to, against a real apiserver: what speakers report is written by hand. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AddressOnNode, l2StatusesOf, l2StatusObject } from '../../src/core/announce/l2-status.ts';
import type { Condition, KubeObject, Service } from '../../src/core/api/kubernetes.ts';
import { watchKind } from '../../src/kube/list-watch.ts';
import * as resources from '../../src/kube/resources.ts';
import {
  addressesOf,
  ClusterGround,
  conditionOf,
  configNamespace,
  controllerAccount,
} from '../support/kube/cluster-ground.ts';
import { type Controller, startController } from '../support/kube/controller.ts';

const stranger = { mac: '02:00:00:00:00:ee', interface: 'eth0', unannounced: true };

let ground: ClusterGround;
let controller: Controller;
let kubeconfig: string;

before(async () => {
  ground = await ClusterGround.open();
  await ground.namespace('a');
  kubeconfig = await ground.controllerKubeconfig();
  await lead();
});
after(async () => {
  await controller.stop();
  await ground.close();
});

async function lead(): Promise<void> {
  controller = await startController({ kubeconfig, name: 'controller', tellsAnnouncements: true });
  await ground.until('the controller leads', () => controller.lease.isLeader() || undefined);
}

/** A pool that says Move, given only to those that name it. */
async function pool(name: string, ...addresses: string[]): Promise<void> {
  await ground.pool(name, ...addresses);
  const target = { resource: resources.ipAddressPools, namespace: configNamespace, name };
  const metadata = { annotations: { 'berth.dev/on-conflict': 'Move' } };
  await ground.client.patch(target, { metadata }, { type: 'merge', fieldManager: 'author' });
  await ground.until(
    'the pool says Move',
    () => controller.world.world().configuration.pools.get(name)?.onConflict === 'Move' || undefined,
  );
}

/** What the speaker of a node has to say about a Service from now on. */
async function report(service: string, addresses: readonly Omit<AddressOnNode, 'services'>[]): Promise<void> {
  const [wish] = l2StatusesOf(
    'n1',
    addresses.map((each) => ({ ...each, services: [service] })),
  ).values();
  assert.ok(wish);
  const { name, serviceName, serviceNamespace, interfaces } = wish;
  const target = { resource: resources.serviceL2Statuses, namespace: configNamespace, name };
  const object = {
    apiVersion: resources.apiVersionOf(resources.serviceL2Statuses),
    kind: resources.serviceL2Statuses.kind,
    ...l2StatusObject('n1', wish),
  };
  await ground.client.patch(target, object, { type: 'apply', fieldManager: 'speaker', force: true });
  const status = { node: 'n1', serviceName, serviceNamespace, interfaces: interfaces.map((each) => ({ name: each })) };
  const by = { type: 'merge', fieldManager: 'speaker' } as const;
  await ground.client.patch({ ...target, subresource: 'status' }, { status }, by);
}

const contested = (address: string, more: Partial<typeof stranger> = {}) => ({
  address,
  interfaces: [],
  stranger: { ...stranger, ...more },
});
const announced = (address: string) => ({ address, interfaces: ['eth0'], stranger: undefined });

function announcedOf(key: string, what: string, isIt: (condition: Condition) => boolean): Promise<Service> {
  let last: Service | undefined;
  return ground.until(
    `${key} says ${what}`,
    async () => {
      last = await ground.read(key);
      const condition = last.status?.conditions?.find(({ type }) => type === 'berth.dev/Announced');
      return condition !== undefined && isIt(condition) ? last : undefined;
    },
    () => JSON.stringify(last?.status),
  );
}

const stays =
  (words: string) =>
  ({ reason, message }: Condition) =>
    reason === 'Conflict' && message.includes(words);

async function reservations(): Promise<readonly (KubeObject & { spec: Record<string, unknown> })[]> {
  const list = await ground.client.list<KubeObject & { spec: Record<string, unknown> }>({
    resource: resources.addressReservations,
    namespace: configNamespace,
  });
  return list.items;
}

const unannouncedOf = ({ metadata }: Service) => metadata.annotations?.['berth.dev/unannounced'];

describe('an address that another host has had since before', () => {
  it('is set aside, and the Service has another one, with never a moment without', async () => {
    await pool('wide', '192.0.2.0/28', '2001:db8::/124');
    const seen: string[] = [];
    const stop = new AbortController();
    const watch = watchKind<Service>({
      client: ground.client,
      resource: resources.services,
      namespace: 'a',
      signal: stop.signal,
      onChange: (change) => {
        if (change.kind !== 'deleted' && change.key === 'a/web') seen.push(addressesOf(change.object).join());
      },
    });
    await ground.service('a/web', 'wide', {
      spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] },
    });
    const first = await ground.allocated('a/web');
    assert.deepEqual(addressesOf(first), ['192.0.2.0', '2001:db8::']);
    assert.equal(unannouncedOf(first), '192.0.2.0,2001:db8::');
    await report('a/web', [contested('192.0.2.0'), announced('2001:db8::')]);
    const second = await ground.allocated('a/web', addressesOf(first));
    assert.deepEqual(addressesOf(second), ['192.0.2.1', '2001:db8::']);
    assert.match(unannouncedOf(second) ?? '', /^192\.0\.2\.1\b/);
    assert.equal(
      conditionOf(second)?.message,
      'Assigned 192.0.2.1 and 2001:db8:: from pool "wide": annotation berth.dev/on-conflict of pool "wide" is Move, and another host has 192.0.2.0',
    );
    const [kept] = await reservations();
    assert.equal(kept?.metadata.name, 'contested.192.0.2.0');
    assert.deepEqual(
      [kept?.spec.addresses, kept?.spec.service, kept?.spec.contestedBy],
      [['192.0.2.0'], 'web', stranger.mac],
    );
    await report('a/web', [announced('192.0.2.1'), announced('2001:db8::')]);
    const settled = await announcedOf('a/web', 'Announced', ({ status }) => status === 'True');
    assert.equal(unannouncedOf(settled), undefined);
    await ground.until('the watch has seen it', () => seen.at(-1) === addressesOf(settled).join() || undefined);
    assert.deepEqual(
      seen.filter((each, index) => each !== seen[index - 1]),
      ['', '192.0.2.0,2001:db8::', '192.0.2.1,2001:db8::'],
    );
    stop.abort();
    await watch.done;
  });

  it('is given to nobody else, and who asks for it is told why not', async () => {
    await ground.service('a/next', 'wide');
    assert.deepEqual(addressesOf(await ground.allocated('a/next')), ['192.0.2.2']);
    await ground.service('a/eager', 'wide', { spec: { loadBalancerIP: '192.0.2.0' } });
    const refused = await ground.reasoned('a/eager', 'AddressReserved');
    assert.match(conditionOf(refused)?.message ?? '', new RegExp(`another host, ${stranger.mac}, has it`));
  });

  it('stays set aside under the next leader, which knows too what was announced', async () => {
    await controller.stop();
    await lead();
    await ground.service('a/later', 'wide');
    assert.deepEqual(addressesOf(await ground.allocated('a/later')), ['192.0.2.3']);
    // As after all speakers have started anew: they know of no announcement.
    await report('a/web', [contested('192.0.2.1'), announced('2001:db8::')]);
    const service = await announcedOf(
      'a/web',
      'that it stays',
      stays('not moved, since clients may know this address'),
    );
    assert.deepEqual(addressesOf(service), ['192.0.2.1', '2001:db8::']);
  });

  it('is kept by a Service that asks for it', async () => {
    await ground.service('a/pinned', 'wide', { spec: { loadBalancerIP: '192.0.2.9' } });
    await ground.allocated('a/pinned');
    await report('a/pinned', [contested('192.0.2.9')]);
    const service = await announcedOf('a/pinned', 'that it stays', stays('not moved, since it asks for this address'));
    assert.deepEqual(addressesOf(service), ['192.0.2.9']);
  });

  it('is kept where the speaker has announced it, if only for a moment', async () => {
    await ground.service('a/brief', 'wide');
    const [address = ''] = addressesOf(await ground.allocated('a/brief'));
    await report('a/brief', [contested(address, { unannounced: false })]);
    const service = await announcedOf('a/brief', 'that it stays', stays('not moved, since clients may know'));
    assert.deepEqual(addressesOf(service), [address]);
  });

  it('is kept where the pool has no other, and left as soon as it has', async () => {
    await pool('narrow', '192.0.2.32/32');
    await ground.service('a/narrow', 'narrow');
    await ground.allocated('a/narrow');
    await report('a/narrow', [contested('192.0.2.32')]);
    const service = await announcedOf('a/narrow', 'that it stays', stays('has no other address for it'));
    assert.deepEqual(addressesOf(service), ['192.0.2.32']);
    await ground.pool('narrow', '192.0.2.32/31');
    assert.deepEqual(addressesOf(await ground.allocated('a/narrow', ['192.0.2.32'])), ['192.0.2.33']);
  });
});

describe('a host that answers for every address', () => {
  it('drives a Service no further than a few addresses', async () => {
    await pool('swamp', '192.0.2.64/27');
    await ground.service('a/swamp', 'swamp');
    const seen: string[] = [];
    for (;;) {
      const [address = ''] = addressesOf(await ground.allocated('a/swamp', seen.slice(-1)));
      seen.push(address);
      await report('a/swamp', [contested(address)]);
      if (seen.length === 9) break;
    }
    const service = await announcedOf('a/swamp', 'that it stays', stays('set aside already that this is no chance'));
    assert.deepEqual(addressesOf(service), ['192.0.2.72']);
    assert.equal(new Set(seen).size, 9);
  });
});

describe('the rights that are shipped', () => {
  it('were enough for all of this', () => {
    assert.deepEqual(ground.forbidden(controllerAccount), []);
  });
});
