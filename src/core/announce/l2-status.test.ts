import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ServiceL2Status } from '../api/service-status.ts';
import {
  type AddressOnNode,
  type L2StatusChange,
  l2StatusesOf,
  l2StatusObject,
  labelValue,
  outlived,
  planL2Statuses,
  readL2Status,
} from './l2-status.ts';

const web: AddressOnNode = {
  address: '192.0.2.10',
  services: ['shop/web'],
  interfaces: ['eth0'],
  stranger: undefined,
};

test('a Service with several addresses on one node has one object, with all of them', () => {
  const six = { ...web, address: '2001:db8::10', interfaces: ['eth1', 'eth0'] };
  const [wish, ...others] = l2StatusesOf('n1', [web, six]).values();
  assert.deepEqual(others, []);
  assert.deepEqual(wish, {
    name: wish?.name,
    serviceNamespace: 'shop',
    serviceName: 'web',
    interfaces: ['eth0', 'eth1'],
    annotations: { 'berth.dev/addresses': '192.0.2.10,2001:db8::10' },
  });
  assert.match(wish?.name ?? '', /^l2-[a-z0-9]{13}$/);
});

test('Services that share an address have an object each, and so has each node', () => {
  const shared = { ...web, services: ['shop/web', 'shop/api'] };
  const names = ['n1', 'n2'].flatMap((node) => [...l2StatusesOf(node, [shared]).keys()]);
  assert.equal(new Set(names).size, 4);
});

test('a node that gives way to a stranger says so, and that it announces nothing', () => {
  for (const [unannounced, word] of [
    [false, ''],
    [true, ' unannounced'],
  ] as const) {
    const stranger = { mac: '02:00:00:00:00:ee', interface: 'eth0', unannounced };
    const [wish] = l2StatusesOf('n1', [{ ...web, interfaces: [], stranger }]).values();
    assert.deepEqual(wish?.interfaces, []);
    assert.deepEqual(wish?.annotations, {
      'berth.dev/addresses': '',
      'berth.dev/conflicts': `192.0.2.10 02:00:00:00:00:ee eth0${word}`,
    });
  }
});

test('whatever was there, the changes bring the objects to what they should be, and then there are none', () => {
  const some = fc.uniqueArray(
    fc.record({
      address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
      services: fc.subarray(['a/x', 'a/y', 'b/x'], { minLength: 1 }),
      interfaces: fc.subarray(['eth0', 'eth1']),
      stranger: fc.option(
        fc.record({ mac: fc.constant('02:00:00:00:00:ee'), interface: fc.constant('eth0'), unannounced: fc.boolean() }),
        { nil: undefined },
      ),
    }),
    { selector: (each) => each.address },
  );
  fc.assert(
    fc.property(some, some, (before, after) => {
      const objects = new Map<string, ServiceL2Status>();
      objects.set('l2-of-metallb', { metadata: { name: 'l2-of-metallb', uid: 'u' } });
      for (const all of [before, after]) {
        const wishes = l2StatusesOf('n1', all);
        for (const change of planL2Statuses(wishes, objects.values())) carryOut(objects, change);
        assert.deepEqual(planL2Statuses(wishes, objects.values()), []);
        assert.deepEqual([...objects.keys()].sort(), [...wishes.keys()].sort());
      }
    }),
  );
});

function carryOut(objects: Map<string, ServiceL2Status>, change: L2StatusChange): void {
  switch (change.kind) {
    case 'create':
      objects.set(change.wish.name, { ...l2StatusObject('n1', change.wish) });
      carryOut(objects, { kind: 'report', wish: change.wish });
      break;
    case 'annotate': {
      const object = objects.get(change.name);
      assert.ok(object !== undefined);
      const merged = Object.entries({ ...object.metadata.annotations, ...change.annotations });
      const annotations = Object.fromEntries(merged.filter((each): each is [string, string] => each[1] !== null));
      objects.set(change.name, { ...object, metadata: { ...object.metadata, annotations } });
      break;
    }
    case 'report': {
      const object = objects.get(change.wish.name);
      assert.ok(object !== undefined);
      const interfaces = change.wish.interfaces.map((name) => ({ name }));
      objects.set(change.wish.name, { ...object, status: { node: 'n1', interfaces } });
      break;
    }
    case 'delete':
      objects.delete(change.name);
      break;
  }
}

test('what a node writes is read back, and what a hand has spoilt gives nothing', () => {
  const stranger = { mac: '02:00:00:00:00:ee', interface: 'eth0', unannounced: true };
  const [wish] = l2StatusesOf('n1', [{ ...web, stranger }]).values();
  assert.ok(wish !== undefined);
  const { metadata } = l2StatusObject('n1', wish);
  const status = { node: 'n1', interfaces: [{ name: 'eth0' }] };
  const created = { ...metadata, creationTimestamp: '2026-07-19T11:42:17Z' };
  assert.deepEqual(readL2Status({ metadata: created, status }), {
    node: 'n1',
    interfaces: ['eth0'],
    since: '2026-07-19T11:42:17Z',
    addresses: ['192.0.2.10'],
    strangers: new Map([['192.0.2.10', stranger]]),
  });
  const nothing = { addresses: [], strangers: new Map(), interfaces: [], since: '' };
  assert.deepEqual(readL2Status({ metadata }), {
    ...nothing,
    node: '',
    strangers: new Map([['192.0.2.10', stranger]]),
  });
  const annotations = { 'berth.dev/conflicts': 'x,,y ', 'berth.dev/addresses': ',' };
  assert.deepEqual(readL2Status({ metadata: { name: 'l2-x', annotations }, status: { node: 'n1' } }), {
    ...nothing,
    node: 'n1',
  });
});

test('of a dead node’s objects those go whose Service is announced here', () => {
  const dead = [...l2StatusesOf('n2', [web, { ...web, address: '192.0.2.11', services: ['shop/api'] }]).values()];
  const objects = dead.map((wish): ServiceL2Status => l2StatusObject('n2', wish));
  const gone = outlived(objects, l2StatusesOf('n1', [web]));
  assert.deepEqual(
    gone.map((each) => each.metadata.labels),
    [{ 'metallb.io/node': 'n2', 'metallb.io/service-name': 'web', 'metallb.io/service-namespace': 'shop' }],
  );
});

test('a node’s name that is too long for a label is cut to one that is allowed', () => {
  assert.equal(labelValue('node-1'), 'node-1');
  assert.equal(labelValue(`${'n'.repeat(62)}.example.org`), 'n'.repeat(62));
});
