import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectErrors, expectWarnings, objectWith, problemsOf, readSound } from '../../../test/support/config-rows.ts';
import { readPolicy } from './address-policy.ts';
import { formatSelector } from './selector.ts';

const sound = { pools: ['edge'] };

test('a policy is read whole', () => {
  const policy = readSound(
    readPolicy,
    objectWith({
      priority: 10,
      match: {
        namespaces: ['team-a', 'team-b'],
        namespaceSelector: { matchLabels: { tier: 'front' } },
        serviceSelector: {},
        categories: ['ingress', 'database'],
      },
      pools: ['edge', 'internal'],
      quota: { addresses: 5, addressesIPv6: 2, services: 4, perPool: { edge: 0, internal: 3 } },
      strategy: 'Stable',
      releaseDelay: '1h30m',
      onExhausted: 'Pend',
      sharing: { namespaces: ['team-a', 'team-b'] },
      dns: { hostname: '{name}.{namespace}.example.com', ttl: '5m' },
    }),
  );
  assert.equal(policy.name, 'subject');
  assert.equal(policy.priority, 10);
  assert.deepEqual(policy.match?.namespaces, ['team-a', 'team-b']);
  assert.equal(policy.match?.namespaceSelector && formatSelector(policy.match.namespaceSelector), 'tier=front');
  assert.equal(policy.match?.serviceSelector && formatSelector(policy.match.serviceSelector), 'everything');
  assert.deepEqual(policy.match?.categories, ['ingress', 'database']);
  assert.deepEqual(policy.pools, ['edge', 'internal']);
  assert.deepEqual(policy.quota, {
    addresses: 5,
    addressesPerFamily: { IPv6: 2 },
    services: 4,
    perPool: new Map([
      ['edge', 0],
      ['internal', 3],
    ]),
  });
  assert.equal(policy.strategy, 'Stable');
  assert.equal(policy.releaseDelay, 5_400_000);
  assert.equal(policy.onExhausted, 'Pend');
  assert.deepEqual(policy.sharing, { namespaces: ['team-a', 'team-b'], namespaceSelector: undefined });
  assert.deepEqual(policy.dns, { hostname: '{name}.{namespace}.example.com', ttlSeconds: 300 });
});

test('what a policy does not state stays unstated', () => {
  const policy = readSound(readPolicy, objectWith(sound));
  assert.equal(policy.priority, Number.POSITIVE_INFINITY);
  for (const key of ['match', 'quota', 'strategy', 'releaseDelay', 'onExhausted', 'sharing', 'dns'] as const) {
    assert.equal(policy[key], undefined, key);
  }
});

test('an empty match takes every Service, an empty list takes none', () => {
  const empty = readSound(readPolicy, objectWith({ ...sound, match: {} }));
  assert.deepEqual(empty.match, {
    namespaces: undefined,
    namespaceSelector: undefined,
    serviceSelector: undefined,
    categories: undefined,
  });
  const none = readSound(readPolicy, objectWith({ ...sound, match: { namespaces: [], categories: [] } }));
  assert.deepEqual(none.match?.namespaces, []);
  assert.deepEqual(none.match?.categories, []);
});

test('malformed policies are refused', async (t) => {
  const negative = (part: string) => ({ quota: { [part]: -1 } });
  await expectErrors(t, readPolicy, sound, [
    ['a negative priority', { priority: -1 }, 'spec.priority', /whole number from 0/],
    ['a priority in quotes', { priority: '10' }, 'spec.priority', /whole number/],
    ['a priority that is no number', { priority: {} }, 'spec.priority', /whole number/],
    ['a match that is a list', { match: ['team-a'] }, 'spec.match', /must be an object/],
    ['namespaces that are no list', { match: { namespaces: 'team-a' } }, 'spec.match.namespaces', /must be a list/],
    ['a namespace with a dot', { match: { namespaces: ['team.a'] } }, 'spec.match.namespaces', /no valid namespace/],
    ['a namespace twice', { match: { namespaces: ['a', 'a'] } }, 'spec.match.namespaces[1]', /twice/],
    ['a category that is empty', { match: { categories: [''] } }, 'spec.match.categories[0]', /non-empty/],
    ['a category that is a number', { match: { categories: [1] } }, 'spec.match.categories[0]', /non-empty string/],
    [
      'a namespace selector with a bad operator',
      { match: { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Equals' }] } } },
      'spec.match.namespaceSelector.matchExpressions[0].operator',
      /must be one of/,
    ],
    [
      'a Service selector that is text',
      { match: { serviceSelector: 'app=web' } },
      'spec.match.serviceSelector',
      /label selector/,
    ],
    ['pools that are no list', { pools: 'edge' }, 'spec.pools', /must be a list/],
    ['a pool twice', { pools: ['edge', 'edge'] }, 'spec.pools[1]', /twice/],
    ['a pool that no pool can be called', { pools: ['Edge!'] }, 'spec.pools', /no valid object name/],
    ['an empty pool', { pools: [''] }, 'spec.pools[0]', /non-empty/],
    ['a quota that is a number', { quota: 5 }, 'spec.quota', /must be an object/],
    ['negative addresses', negative('addresses'), 'spec.quota.addresses', /whole number from 0/],
    ['negative IPv4 addresses', negative('addressesIPv4'), 'spec.quota.addressesIPv4', /whole number from 0/],
    ['negative IPv6 addresses', negative('addressesIPv6'), 'spec.quota.addressesIPv6', /whole number from 0/],
    ['negative Services', negative('services'), 'spec.quota.services', /whole number from 0/],
    ['half an address', { quota: { addresses: 0.5 } }, 'spec.quota.addresses', /whole number/],
    ['a huge quota', { quota: { addresses: 1e300 } }, 'spec.quota.addresses', /whole number/],
    [
      'a negative limit of a pool',
      { quota: { perPool: { edge: -1 } } },
      'spec.quota.perPool.edge',
      /whole number from 0/,
    ],
    ['limits of pools in a list', { quota: { perPool: [{ edge: 1 }] } }, 'spec.quota.perPool', /must be an object/],
    [
      'a limit of a pool that can not be',
      { quota: { perPool: { 'A b': 1 } } },
      'spec.quota.perPool',
      /no valid pool name/,
    ],
    [
      'a limit under a key that pollutes prototypes',
      JSON.parse('{"quota":{"perPool":{"__proto__":1}}}'),
      'spec.quota.perPool',
      /no valid pool name/,
    ],
    ['an unknown strategy', { strategy: 'Random' }, 'spec.strategy', /Lowest, Stable/],
    ['a strategy in lower case', { strategy: 'stable' }, 'spec.strategy', /Lowest, Stable/],
    ['a delay without unit', { releaseDelay: '60' }, 'spec.releaseDelay', /needs a unit/],
    ['a delay that is a number', { releaseDelay: 60 }, 'spec.releaseDelay', /must be a string/],
    ['a negative delay', { releaseDelay: '-1h' }, 'spec.releaseDelay', /negative/],
    ['a delay in days', { releaseDelay: '7d' }, 'spec.releaseDelay', /hours are the largest/],
    ['a delay of two years', { releaseDelay: '17520h' }, 'spec.releaseDelay', /at most 8760h/],
    ['an unknown answer to exhaustion', { onExhausted: 'Wait' }, 'spec.onExhausted', /Reject, Pend/],
    ['sharing that is a list', { sharing: ['a', 'b'] }, 'spec.sharing', /must be an object/],
    [
      'sharing with a bad namespace',
      { sharing: { namespaces: ['*'] } },
      'spec.sharing.namespaces',
      /no valid namespace/,
    ],
    ['a name without template', { dns: {} }, 'spec.dns.hostname', /is missing/],
    [
      'a template with an unknown variable',
      { dns: { hostname: '{svc}.example.com' } },
      'spec.dns.hostname',
      /no variable/,
    ],
    ['a template with a space', { dns: { hostname: '{name} .example.com' } }, 'spec.dns.hostname', /no DNS label/],
    ['a lifetime without unit', { dns: { hostname: 'x.example.com', ttl: '300' } }, 'spec.dns.ttl', /needs a unit/],
  ]);
});

test('what is legal and unwise is warned of', async (t) => {
  await expectWarnings(t, readPolicy, sound, [
    ['no rule at all', { pools: undefined, priority: 1 }, 'spec', /states no rule/],
    ['a list of no namespaces', { match: { namespaces: [] } }, 'spec.match.namespaces', /matches no Service/],
    ['a list of no categories', { match: { categories: [] } }, 'spec.match.categories', /matches no Service/],
    ['a quota of nothing', { quota: {} }, 'spec.quota', /limits nothing/],
    ['a misspelt limit', { quota: { adresses: 1 } }, 'spec.quota.adresses', /no field/],
    ['sharing with nobody', { sharing: {} }, 'spec.sharing', /lets nobody share/],
    ['a name for many Services', { dns: { hostname: '{name}.example.com' } }, 'spec.dns.hostname', /same name/],
    [
      'a name that nobody publishes yet',
      { dns: { hostname: '{name}.{namespace}.example.com' } },
      'spec.dns',
      /publishes no DNS/,
    ],
    ['a field of a later release', { probe: {} }, 'spec.probe', /no field/],
  ]);
});

test('a quota of 0 is a limit, not an absence', () => {
  const policy = readSound(readPolicy, objectWith({ quota: { addresses: 0 } }));
  assert.equal(policy.quota?.addresses, 0);
  assert.deepEqual(problemsOf(readPolicy, objectWith({ quota: { addresses: 0 } })), []);
});
