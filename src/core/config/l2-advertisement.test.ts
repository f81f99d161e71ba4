import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectErrors, expectWarnings, objectWith, readSound } from '../../../test/support/config-rows.ts';
import { advertisesFromNode, advertisesPool, advertisesService } from './advertisement.ts';
import { readL2Advertisement } from './l2-advertisement.ts';

const read = (spec: unknown) => readSound(readL2Advertisement, objectWith(spec));

test('an empty advertisement covers every pool, Service and node', () => {
  for (const spec of [undefined, null, {}]) {
    const advertisement = read(spec);
    assert.equal(advertisesPool(advertisement, { name: 'edge', labels: {} }), true);
    assert.equal(advertisesService(advertisement, {}), true);
    assert.equal(advertisesFromNode(advertisement, {}), true);
    assert.deepEqual(advertisement.interfaces, []);
    assert.deepEqual(advertisement.preferredNodeSelectors, []);
  }
});

test('pools by name and by label are a union', async (t) => {
  const advertisement = read({ ipAddressPools: ['edge'], ipAddressPoolSelectors: [{ matchLabels: { zone: 'b' } }] });
  const rows: readonly [name: string, pool: { name: string; labels: Record<string, string> }, covered: boolean][] = [
    ['named', { name: 'edge', labels: {} }, true],
    ['labelled', { name: 'other', labels: { zone: 'b' } }, true],
    ['neither', { name: 'other', labels: { zone: 'a' } }, false],
  ];
  for (const [name, pool, covered] of rows) {
    await t.test(name, () => assert.equal(advertisesPool(advertisement, pool), covered));
  }
});

test('selectors that match nothing cover nothing', () => {
  const advertisement = read({
    ipAddressPoolSelectors: [{ matchLabels: { zone: 'nowhere' } }],
    nodeSelectors: [{ matchLabels: { zone: 'nowhere' } }],
    serviceSelectors: [{ matchLabels: { zone: 'nowhere' } }],
  });
  assert.equal(advertisesPool(advertisement, { name: 'edge', labels: {} }), false);
  assert.equal(advertisesFromNode(advertisement, {}), false);
  assert.equal(advertisesFromNode(advertisement, undefined), false);
  assert.equal(advertisesService(advertisement, {}), false);
});

test('interfaces and preferences are read', () => {
  const advertisement = read({
    interfaces: ['eth0', 'bond0.100'],
    preferredNodeSelectors: [
      { weight: 100, preference: { matchLabels: { rack: 'a' } } },
      { weight: 1, preference: {} },
    ],
  });
  assert.deepEqual(advertisement.interfaces, ['eth0', 'bond0.100']);
  assert.deepEqual(
    advertisement.preferredNodeSelectors.map(({ weight }) => weight),
    [100, 1],
  );
});

test('malformed advertisements are refused', async (t) => {
  const preferring = (term: unknown) => ({ preferredNodeSelectors: [term] });
  await expectErrors(t, readL2Advertisement, {}, [
    ['pools that are no list', { ipAddressPools: 'edge' }, 'spec.ipAddressPools', /must be a list/],
    ['a pool twice', { ipAddressPools: ['edge', 'edge'] }, 'spec.ipAddressPools[1]', /twice/],
    [
      'a pool that no pool can be called',
      { ipAddressPools: ['the edge'] },
      'spec.ipAddressPools',
      /no valid object name/,
    ],
    ['a pool that is a number', { ipAddressPools: [1] }, 'spec.ipAddressPools[0]', /non-empty string/],
    [
      'a selector that is no object',
      { ipAddressPoolSelectors: ['a=b'] },
      'spec.ipAddressPoolSelectors[0]',
      /label selector/,
    ],
    ['selectors in an object', { nodeSelectors: { matchLabels: {} } }, 'spec.nodeSelectors', /must be a list/],
    [
      'a pool selector twice',
      { ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }] },
      'spec.ipAddressPoolSelectors[1]',
      /twice/,
    ],
    ['a node selector twice', { nodeSelectors: [{}, {}] }, 'spec.nodeSelectors[1]', /twice/],
    [
      'a value twice in an expression',
      { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'b'] }] }] },
      'spec.nodeSelectors[0].matchExpressions[0].values[1]',
      /twice/,
    ],
    ['a Service selector twice', { serviceSelectors: [{}, {}] }, 'spec.serviceSelectors[1]', /twice/],
    ['an interface twice', { interfaces: ['eth0', 'eth0'] }, 'spec.interfaces[1]', /twice/],
    ['an interface name too long', { interfaces: ['enp0s31f6.vlan1000'] }, 'spec.interfaces', /network interface/],
    ['an interface with a slash', { interfaces: ['eth0/1'] }, 'spec.interfaces', /network interface/],
    ['an empty interface', { interfaces: [''] }, 'spec.interfaces[0]', /non-empty/],
    [
      'a preference without weight',
      preferring({ preference: {} }),
      'spec.preferredNodeSelectors[0].weight',
      /is missing/,
    ],
    [
      'a weight of 0',
      preferring({ weight: 0, preference: {} }),
      'spec.preferredNodeSelectors[0].weight',
      /from 1 to 100/,
    ],
    [
      'a weight of 101',
      preferring({ weight: 101, preference: {} }),
      'spec.preferredNodeSelectors[0].weight',
      /from 1 to 100/,
    ],
    [
      'a weight without preference',
      preferring({ weight: 1 }),
      'spec.preferredNodeSelectors[0].preference',
      /label selector/,
    ],
    ['a preference that is text', preferring('rack-a'), 'spec.preferredNodeSelectors[0]', /must be an object/],
  ]);
});

test('a misspelt field is warned of', async (t) => {
  await expectWarnings(t, readL2Advertisement, {}, [
    ['the singular of a list', { ipAddressPool: ['edge'] }, 'spec.ipAddressPool', /no field/],
  ]);
});
