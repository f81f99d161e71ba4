import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  errorsOf,
  expectErrors,
  expectProblem,
  expectWarnings,
  objectWith,
  problemsOf,
  readSound,
} from '../../../test/support/config-rows.ts';
import { formatRange } from '../net/range.ts';
import { readPool } from './ip-address-pool.ts';

const sound = { addresses: ['192.0.2.0/28'] };

test('a pool is read with its defaults', () => {
  const pool = readSound(
    readPool,
    objectWith({ addresses: ['2001:db8::/64', ' 192.0.2.20 - 192.0.2.30 ', '192.0.2.0/28'] }),
  );
  assert.deepEqual(pool.ranges.map(formatRange), ['192.0.2.0/28', '192.0.2.20-192.0.2.30', '2001:db8::/64']);
  assert.deepEqual(pool.families, ['IPv4', 'IPv6']);
  assert.equal(pool.autoAssign, true);
  assert.equal(pool.avoidBuggyIPs, false);
  assert.equal(pool.serviceAllocation, undefined);
  assert.equal(pool.onConflict, 'Defend');
  assert.equal(pool.generation, 3);
  assert.equal(pool.deleting, false);
});

test('an allocation is read, and priority 0 goes last as in MetalLB', () => {
  const pool = readSound(
    readPool,
    objectWith({
      ...sound,
      serviceAllocation: {
        priority: 0,
        namespaces: ['team-a'],
        namespaceSelectors: [{ matchLabels: { tier: 'front' } }],
        serviceSelectors: [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }],
      },
    }),
  );
  assert.equal(pool.serviceAllocation?.priority, Number.POSITIVE_INFINITY);
  assert.deepEqual(pool.serviceAllocation?.namespaces, ['team-a']);
  assert.equal(pool.serviceAllocation?.namespaceSelectors.length, 1);
  assert.equal(pool.serviceAllocation?.serviceSelectors.length, 1);
});

test('a pool may hold more addresses than any list could', () => {
  const pool = readSound(readPool, objectWith({ addresses: ['10.0.0.0/8', '2001:db8::/32'] }));
  assert.equal(pool.ranges.length, 2);
});

test('malformed pools are refused', async (t) => {
  await expectErrors(t, readPool, sound, [
    ['no addresses', { addresses: undefined }, 'spec.addresses', /has no addresses/],
    ['null as addresses', { addresses: null }, 'spec.addresses', /has no addresses/],
    ['an empty list', { addresses: [] }, 'spec.addresses', /has no addresses/],
    ['text in place of the list', { addresses: '192.0.2.0/28' }, 'spec.addresses', /must be a list/],
    ['an object in place of the list', { addresses: { 0: '192.0.2.0/28' } }, 'spec.addresses', /must be a list/],
    ['a number as a range', { addresses: [42] }, 'spec.addresses[0]', /must be text/],
    ['a list as a range', { addresses: [['192.0.2.0/28']] }, 'spec.addresses[0]', /must be text/],
    ['an empty range', { addresses: [''] }, 'spec.addresses[0]', /empty text/],
    ['words', { addresses: ['all of them'] }, 'spec.addresses[0]', /./],
    ['a variable of Flux', { addresses: [`\${LB_RANGE}`] }, 'spec.addresses[0]', /nothing has filled in/],
    ['a variable of Helm', { addresses: ['{{ .Values.ip }}/32'] }, 'spec.addresses[0]', /nothing has filled in/],
    ['an address without prefix length', { addresses: ['192.0.2.7'] }, 'spec.addresses[0]', /no range/],
    ['an IPv6 address without prefix length', { addresses: ['2001:db8::7'] }, 'spec.addresses[0]', /no range/],
    ['a prefix length too long', { addresses: ['192.0.2.0/33'] }, 'spec.addresses[0]', /./],
    ['an IPv6 prefix length too long', { addresses: ['2001:db8::/129'] }, 'spec.addresses[0]', /./],
    ['a negative prefix length', { addresses: ['192.0.2.0/-1'] }, 'spec.addresses[0]', /./],
    ['no prefix length after the slash', { addresses: ['192.0.2.0/'] }, 'spec.addresses[0]', /./],
    ['five octets', { addresses: ['192.0.2.0.1/28'] }, 'spec.addresses[0]', /./],
    ['an octet above 255', { addresses: ['192.0.2.256/32'] }, 'spec.addresses[0]', /./],
    ['an octet with a leading zero', { addresses: ['192.0.02.0/28'] }, 'spec.addresses[0]', /./],
    ['an address with a zone', { addresses: ['2001:db8::1%eth0/128'] }, 'spec.addresses[0]', /zone/],
    ['an IPv4-mapped range', { addresses: ['::ffff:192.0.2.0/124'] }, 'spec.addresses[0]', /./],
    ['a range that runs backwards', { addresses: ['192.0.2.9-192.0.2.3'] }, 'spec.addresses[0]', /lies above/],
    ['a range of two families', { addresses: ['10.0.0.1-fc00::1'] }, 'spec.addresses[0]', /one family/],
    ['a range of three parts', { addresses: ['192.0.2.1-192.0.2.2-192.0.2.3'] }, 'spec.addresses[0]', /one dash/],
    ['a range without an end', { addresses: ['192.0.2.1-'] }, 'spec.addresses[0]', /last address/],
    ['the short form of a range', { addresses: ['192.0.2.1-9'] }, 'spec.addresses[0]', /last address/],
    ['all of IPv4', { addresses: ['0.0.0.0/0'] }, 'spec.addresses[0]', /whole of IPv4/],
    ['all of IPv6', { addresses: ['::/0'] }, 'spec.addresses[0]', /whole of IPv6/],
    ['half of IPv4', { addresses: ['0.0.0.0/1'] }, 'spec.addresses[0]', /no Service can be reached/],
    ['multicast', { addresses: ['224.0.0.0/24'] }, 'spec.addresses[0]', /groups/],
    ['IPv6 multicast', { addresses: ['ff02::/16'] }, 'spec.addresses[0]', /groups/],
    ['loopback', { addresses: ['127.0.0.0/24'] }, 'spec.addresses[0]', /own node/],
    ['IPv6 loopback', { addresses: ['::1/128'] }, 'spec.addresses[0]', /own node/],
    ['link-local', { addresses: ['169.254.10.0/24'] }, 'spec.addresses[0]', /never routed/],
    ['IPv6 link-local', { addresses: ['fe80::/64'] }, 'spec.addresses[0]', /never routed/],
    ['a range that only touches loopback', { addresses: ['126.255.255.0-127.0.0.5'] }, 'spec.addresses[0]', /own node/],
    ['broadcast', { addresses: ['255.255.255.255/32'] }, 'spec.addresses[0]', /no Service can be reached/],
    [
      'the same range twice',
      { addresses: ['192.0.2.0/28', '192.0.2.0/28'] },
      'spec.addresses[1]',
      /overlaps 192.0.2.0\/28/,
    ],
    ['ranges that overlap', { addresses: ['192.0.2.0/28', '192.0.2.15-192.0.2.20'] }, 'spec.addresses[1]', /overlaps/],
    [
      'a range inside another one, in any order',
      { addresses: ['192.0.2.8/29', '192.0.2.0/28'] },
      'spec.addresses[0]',
      /overlaps/,
    ],
    ['a fault beside a sound range', { addresses: ['192.0.2.0/28', 'x'] }, 'spec.addresses[1]', /./],
    ['a megabyte in place of a range', { addresses: ['9'.repeat(1 << 20)] }, 'spec.addresses[0]', /too long/],
    ['text as autoAssign', { autoAssign: 'false' }, 'spec.autoAssign', /must be true or false/],
    ['a number as avoidBuggyIPs', { avoidBuggyIPs: 1 }, 'spec.avoidBuggyIPs', /must be true or false/],
    ['text as an allocation', { serviceAllocation: 'team-a' }, 'spec.serviceAllocation', /must be an object/],
    ['text as priority', { serviceAllocation: { priority: '1' } }, 'spec.serviceAllocation.priority', /whole number/],
    [
      'a fraction as priority',
      { serviceAllocation: { priority: 1.5 } },
      'spec.serviceAllocation.priority',
      /whole number/,
    ],
    [
      'a huge priority',
      { serviceAllocation: { priority: 2 ** 40 } },
      'spec.serviceAllocation.priority',
      /whole number/,
    ],
    [
      'a namespace twice',
      { serviceAllocation: { namespaces: ['a', 'a'] } },
      'spec.serviceAllocation.namespaces[1]',
      /twice/,
    ],
    [
      'an empty namespace',
      { serviceAllocation: { namespaces: [''] } },
      'spec.serviceAllocation.namespaces[0]',
      /non-empty/,
    ],
    [
      'a namespace in capitals',
      { serviceAllocation: { namespaces: ['Team'] } },
      'spec.serviceAllocation.namespaces',
      /no valid namespace/,
    ],
    [
      'a namespace selector twice',
      { serviceAllocation: { namespaceSelectors: [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }] } },
      'spec.serviceAllocation.namespaceSelectors[1]',
      /twice/,
    ],
    [
      'a Service selector twice, written in two ways',
      {
        serviceAllocation: {
          serviceSelectors: [
            { matchLabels: { a: 'b' } },
            { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
          ],
        },
      },
      'spec.serviceAllocation.serviceSelectors[1]',
      /twice/,
    ],
    [
      'a selector with a bad operator',
      { serviceAllocation: { namespaceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'is' }] }] } },
      'spec.serviceAllocation.namespaceSelectors[0].matchExpressions[0].operator',
      /must be one of/,
    ],
  ]);
});

test('the remedy names the range to write where it is known', () => {
  const remedies = (text: string) =>
    problemsOf(readPool, objectWith({ addresses: [text] })).map(({ remedy }) => remedy);
  assert.match(remedies('192.0.2.7')[0] ?? '', /192\.0\.2\.7\/32/);
  assert.match(remedies('2001:db8::7')[0] ?? '', /2001:db8::7\/128/);
  assert.match(remedies('192.0.2.9-192.0.2.3')[0] ?? '', /192\.0\.2\.3-192\.0\.2\.9/);
});

test('what is legal and unwise is warned of', async (t) => {
  await expectWarnings(t, readPool, sound, [
    [
      'host bits in a prefix',
      { addresses: ['192.0.2.7/30'] },
      'spec.addresses[0]',
      /taken as its network 192\.0\.2\.4\/30/,
    ],
    ['a misspelt field', { autoassign: false }, 'spec.autoassign', /no field/],
    [
      'a field that pollutes prototypes',
      JSON.parse('{"__proto__":{"autoAssign":false}}'),
      'spec[__proto__]',
      /no field/,
    ],
  ]);
});

test('the answer to an address conflict is read from the annotation', async (t) => {
  const read = (answer: string) => readSound(readPool, objectWith(sound, { 'berth.dev/on-conflict': answer }));
  for (const answer of ['Defend', 'Yield', 'Move']) {
    await t.test(answer, () => assert.equal(read(answer).onConflict, answer));
  }
  await t.test('another word is refused', () => {
    const problems = problemsOf(readPool, objectWith(sound, { 'berth.dev/on-conflict': 'fight' }));
    expectProblem(problems, 'error', 'metadata.annotations[berth.dev/on-conflict]', /Defend, Yield, Move/);
  });
});

test('every fault of a pool is told at once, up to a bound', () => {
  const problems = problemsOf(
    readPool,
    objectWith({ addresses: Array.from({ length: 10_000 }, (_, index) => `x${index}`) }),
  );
  assert.equal(problems.length, 51);
  assert.match(problems.at(-1)?.message ?? '', /9950 more/);
  assert.equal(errorsOf(problems).length, 51);
});

test('an object without a name or spec is refused, not a crash', () => {
  for (const object of [
    undefined,
    null,
    7,
    'pool',
    [],
    {},
    { metadata: null, spec: null },
    { metadata: { name: {} }, spec: [] },
  ]) {
    expectProblem(problemsOf(readPool, object), 'error', 'metadata.name', /no valid object name/);
  }
});
