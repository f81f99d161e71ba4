import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planned } from '../../../test/wire/ground.ts';
import { diffPlans } from './plan-change.ts';

const A = '192.0.2.10';
const B = '192.0.2.11';

test('plan change: equal plans in different objects differ in nothing', () => {
  assert.deepEqual(diffPlans(new Map([[A, planned(A)]]), new Map([[A, planned(A)]])), { set: [], remove: [] });
});

test('plan change: what is new is set, what is gone is removed', () => {
  const change = diffPlans(new Map([[A, planned(A)]]), new Map([[B, planned(B)]]));
  assert.deepEqual(change, { set: [[B, planned(B)]], remove: [A] });
});

const candidate = { node: 'n', tier: 0 as const, weight: 0, interfaces: ['eth0'] };

for (const [name, over] of [
  ['a Service', { services: ['shop/api', 'shop/web'] }],
  ['the pool', { pool: 'core' }],
  ['what to do about a conflict', { onConflict: 'Yield' as const }],
  ['a candidate’s tier', { candidates: [{ ...candidate, tier: 1 as const }] }],
  ['a candidate’s interfaces', { candidates: [{ ...candidate, interfaces: ['eth1'] }] }],
  ['a node’s standing', { standings: new Map([['n', 'Cordoned' as const]]) }],
] as const) {
  test(`plan change: ${name} counts`, () => {
    const before = planned(A, { candidates: [candidate] });
    const after = planned(A, { candidates: [candidate], ...over });
    assert.deepEqual(diffPlans(new Map([[A, before]]), new Map([[A, after]])).set, [[A, after]]);
  });
}
