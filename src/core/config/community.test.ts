import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expectErrors, objectWith, readSound } from '../../../test/support/config-rows.ts';
import { formatCommunity, parseCommunity, readCommunity } from './community.ts';

test('communities are read in both forms', async (t) => {
  const rows: readonly [text: string, value: unknown][] = [
    ['64512:100', { kind: 'standard', global: 64512, local: 100 }],
    ['0:0', { kind: 'standard', global: 0, local: 0 }],
    ['65535:65535', { kind: 'standard', global: 65535, local: 65535 }],
    ['large:4200000000:0:4294967295', { kind: 'large', global: 4200000000, local1: 0, local2: 4294967295 }],
  ];
  for (const [text, value] of rows) {
    await t.test(text, () => assert.deepEqual(parseCommunity(text), { ok: true, value }));
  }
});

test('what is no community is told', async (t) => {
  const rows = [
    '',
    '64512',
    'no-export',
    '64512:',
    ':100',
    '64512:100:1',
    '65536:1',
    '1:65536',
    '-1:1',
    '1.0:1',
    ' 1:1',
    'large:1:2',
    'large:1:2:4294967296',
    'Large:1:2:3',
    '1:2:3:4',
    'large:1:2:3:4',
    '1:'.repeat(1 << 19),
  ];
  for (const text of rows) {
    await t.test(text.slice(0, 40), () => assert.equal(parseCommunity(text).ok, false));
  }
});

test('what is written is read back', () => {
  const [small, large] = [fc.nat({ max: 65535 }), fc.nat({ max: 4294967295 })];
  const values = fc.oneof(
    fc.record({ kind: fc.constant('standard' as const), global: small, local: small }, { noNullPrototype: true }),
    fc.record(
      { kind: fc.constant('large' as const), global: large, local1: large, local2: large },
      { noNullPrototype: true },
    ),
  );
  fc.assert(
    fc.property(values, (value) => assert.deepEqual(parseCommunity(formatCommunity(value)), { ok: true, value })),
  );
});

test('aliases are read', () => {
  const { aliases } = readSound(
    readCommunity,
    objectWith({
      communities: [
        { name: 'edge', value: '64512:1' },
        { name: 'far', value: 'large:64512:1:2' },
      ],
    }),
  );
  assert.deepEqual([...aliases.keys()], ['edge', 'far']);
  assert.equal(readSound(readCommunity, objectWith({})).aliases.size, 0);
});

test('malformed aliases are refused', async (t) => {
  const list = (...communities: unknown[]) => ({ communities });
  await expectErrors(t, readCommunity, {}, [
    ['no list', { communities: { edge: '1:2' } }, 'spec.communities', /must be a list/],
    ['an alias that is text', list('1:2'), 'spec.communities[0]', /must be an object/],
    ['an alias without name', list({ value: '1:2' }), 'spec.communities[0].name', /is missing/],
    ['an alias without value', list({ name: 'edge' }), 'spec.communities[0].value', /is missing/],
    ['a value of the wrong form', list({ name: 'edge', value: '1' }), 'spec.communities[0].value', /two numbers/],
    ['an AS part that does not fit', list({ name: 'edge', value: '99999999:1' }), 'spec.communities[0].value', /65535/],
    [
      'a local part that does not fit',
      list({ name: 'edge', value: '1:99999999' }),
      'spec.communities[0].value',
      /65535/,
    ],
    ['a value that is a number', list({ name: 'edge', value: 12 }), 'spec.communities[0].value', /must be a string/],
    [
      'a name twice',
      list({ name: 'a', value: '1:2' }, { name: 'a', value: '1:3' }),
      'spec.communities[1].name',
      /twice/,
    ],
  ]);
});
