import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Millis } from '../../core/time.ts';
import type { Inspection } from './inspect.ts';
import { type Plan, planRotation, rotationPolicy as policy } from './plan.ts';

const DAY: Millis = 24 * 3600_000;
const now: Millis = Date.UTC(2030, 0, 1);
const life = (fromDays: number, toDays: number): { notBefore: Millis; notAfter: Millis } => ({
  notBefore: now + fromDays * DAY,
  notAfter: now + toDays * DAY,
});
const leaf = (fromDays: number, toDays: number, carriesNames = true): Inspection['leaf'] => ({
  ...life(fromDays, toDays),
  carriesNames,
});
const fresh: Inspection = { authority: life(-1, 3649), leaf: leaf(-1, 89), next: undefined };
const oldAuthority = life(-2500, 1150);

const rows: readonly { name: string; stored: Inspection | undefined; trusted?: boolean; plan: Plan['kind'] }[] = [
  { name: 'without a Secret everything is made', stored: undefined, plan: 'create' },
  {
    name: 'a Secret in which nothing can be used is filled anew',
    stored: { authority: undefined, leaf: undefined, next: undefined },
    plan: 'create',
  },
  {
    name: 'an expired authority with an expired leaf is replaced at once',
    stored: { authority: life(-10, -1), leaf: leaf(-10, -1), next: undefined },
    plan: 'create',
  },
  { name: 'a fresh pair is kept', stored: fresh, plan: 'keep' },
  { name: 'a leaf is renewed at two thirds of its life', stored: { ...fresh, leaf: leaf(-61, 29) }, plan: 'issue' },
  { name: 'a leaf just before two thirds is kept', stored: { ...fresh, leaf: leaf(-59, 31) }, plan: 'keep' },
  { name: 'an expired leaf is issued anew', stored: { ...fresh, leaf: leaf(-90, -1) }, plan: 'issue' },
  { name: 'a leaf for other names is issued anew', stored: { ...fresh, leaf: leaf(-1, 89, false) }, plan: 'issue' },
  {
    name: 'a leaf that nobody in the bundle signed is issued anew',
    stored: { ...fresh, leaf: undefined },
    plan: 'issue',
  },
  {
    name: 'an authority past two thirds gets a successor beside it',
    stored: { ...fresh, authority: oldAuthority },
    plan: 'stage-authority',
  },
  {
    name: 'a successor signs only when the apiserver has had time to learn of it',
    stored: {
      ...fresh,
      authority: oldAuthority,
      next: { notBefore: now - policy.backdate, notAfter: now + 3650 * DAY },
    },
    trusted: true,
    plan: 'keep',
  },
  {
    name: 'a successor signs only when the configurations carry it',
    stored: { ...fresh, authority: oldAuthority, next: life(-1, 3649) },
    trusted: false,
    plan: 'keep',
  },
  {
    name: 'a successor that is trusted and has settled signs',
    stored: { ...fresh, authority: oldAuthority, next: life(-1, 3649) },
    trusted: true,
    plan: 'promote-authority',
  },
  {
    name: 'with a lost authority key the leaf serves on while a successor is prepared',
    stored: { ...fresh, authority: undefined },
    plan: 'stage-authority',
  },
  {
    name: 'with a lost authority key and no leaf there is nothing to wait for',
    stored: { authority: undefined, leaf: undefined, next: life(-1, 3649) },
    plan: 'create',
  },
];

for (const { name, stored, trusted = false, plan } of rows) {
  test(name, () => assert.equal(planRotation(stored, { now, bundleTrusted: trusted, policy }).kind, plan));
}

test('what is kept is looked at again at the earlier of the two rotation times', () => {
  const plan = planRotation(fresh, { now, bundleTrusted: true, policy });
  assert.deepEqual(plan, { kind: 'keep', until: now + 59 * DAY });
});

test('a policy under which a leaf could outlive its authority is a defect', () => {
  const short = { ...policy, authorityLife: policy.leafLife };
  assert.throws(() => planRotation(fresh, { now, bundleTrusted: true, policy: short }), /^Error: Defect: /);
});
