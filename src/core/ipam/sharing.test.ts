import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, port } from '../../../test/support/ledger.ts';
import type { Claim } from './claim.ts';
import { type Clash, clash, clashes } from './sharing.ts';

const holder = claim('team-a/web', ['10.0.0.1'], { sharingKey: 'edge' });
const other: Partial<Claim> = { sharingKey: 'edge', ports: [port('TCP', 443)] };

test('two Services share an address only under every rule', async (t) => {
  const rows: readonly [name: string, asks: Claim, held: Partial<Claim>, why: Clash['why'] | undefined][] = [
    ['equal keys, other ports', claim('team-a/api', [], other), {}, undefined],
    ['no key on the one that asks', claim('team-a/api', [], { ...other, sharingKey: undefined }), {}, 'exclusive'],
    ['no key on the holder', claim('team-a/api', [], other), { sharingKey: undefined }, 'exclusive'],
    ['an empty key is a key', claim('team-a/api', [], { ...other, sharingKey: '' }), { sharingKey: '' }, undefined],
    ['different keys', claim('team-a/api', [], { ...other, sharingKey: 'core' }), {}, 'key'],
    ['keys that differ in case', claim('team-a/api', [], { ...other, sharingKey: 'Edge' }), {}, 'key'],
    ['a key with a comma is one key', claim('team-a/api', [], { ...other, sharingKey: 'edge,core' }), {}, 'key'],
    ['a namespace that may share', claim('team-b/api', [], other), {}, undefined],
    ['a namespace that may not share', claim('team-c/api', [], other), {}, 'namespace'],
    ['the namespace is told before the key', claim('team-c/api', [], { ...other, sharingKey: 'x' }), {}, 'namespace'],
    [
      'one port in common',
      claim('team-a/api', [], { ...other, ports: [port('TCP', 443), port('TCP', 80)] }),
      {},
      'port',
    ],
    ['the same number under UDP', claim('team-a/api', [], { ...other, ports: [port('UDP', 80)] }), {}, undefined],
    ['the same number under SCTP', claim('team-a/api', [], { ...other, ports: [port('SCTP', 80)] }), {}, undefined],
    [
      'SCTP against SCTP',
      claim('team-a/api', [], { ...other, ports: [port('SCTP', 80)] }),
      { ports: [port('SCTP', 80)] },
      'port',
    ],
    [
      'Local against Cluster on the same backends',
      claim('team-a/api', [], { ...other, trafficPolicy: 'Local' }),
      {},
      undefined,
    ],
    [
      'Local against Cluster on other backends',
      claim('team-a/api', [], { ...other, trafficPolicy: 'Local', backends: 'app=api' }),
      {},
      'traffic-policy',
    ],
    [
      'Cluster against Local on other backends',
      claim('team-a/api', [], { ...other, backends: 'app=api' }),
      { trafficPolicy: 'Local' },
      'traffic-policy',
    ],
    [
      'both Local on the same backends',
      claim('team-a/api', [], { ...other, trafficPolicy: 'Local' }),
      { trafficPolicy: 'Local' },
      undefined,
    ],
    [
      'both Local on other backends',
      claim('team-a/api', [], { ...other, trafficPolicy: 'Local', backends: 'app=api' }),
      { trafficPolicy: 'Local' },
      'backends',
    ],
    [
      'both Local without a selector',
      claim('team-a/api', [], { ...other, trafficPolicy: 'Local', backends: '' }),
      { trafficPolicy: 'Local', backends: '' },
      'backends',
    ],
    ['both Cluster on other backends', claim('team-a/api', [], { ...other, backends: 'app=api' }), {}, undefined],
    [
      'both Cluster without a selector',
      claim('team-a/api', [], { ...other, backends: '' }),
      { backends: '' },
      undefined,
    ],
  ];
  const mayShare = (a: string, b: string): boolean => [a, b].sort().join() === 'team-a,team-b';
  for (const [name, asks, held, why] of rows) {
    await t.test(name, () => {
      const holds = { ...holder, ...held };
      assert.equal(clash(asks, holds, mayShare)?.why, why);
      assert.equal(clash(holds, asks, mayShare)?.why, why, 'it holds both ways round');
    });
  }
});

test('a clash of ports names the port', () => {
  const asks = claim('team-a/api', [], { sharingKey: 'edge', ports: [port('UDP', 80), port('TCP', 80)] });
  assert.deepEqual(
    clash(asks, holder, () => false),
    { why: 'port', port: { protocol: 'TCP', port: 80 } },
  );
});

test('every broken rule can be told, not only the first', async (t) => {
  const base = { ports: [port('TCP', 80)], trafficPolicy: 'Local', backends: 'app=api' } as const;
  const told = (asks: Claim) => [...clashes(asks, holder, () => false)].map(({ why }) => why);
  const rows: readonly [name: string, asks: Claim, every: Clash['why'][]][] = [
    [
      'another key',
      claim('team-b/api', [], { ...base, sharingKey: 'x' }),
      ['namespace', 'key', 'port', 'traffic-policy'],
    ],
    ['no key', claim('team-b/api', [], base), ['exclusive', 'namespace', 'port', 'traffic-policy']],
    ['nothing broken', claim('team-a/api', [], { sharingKey: 'edge', ports: [] }), []],
  ];
  for (const [name, asks, every] of rows) await t.test(name, () => assert.deepEqual(told(asks), every));
});
