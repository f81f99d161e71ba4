import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hold, NOW, service, worldOf } from '../../../test/support/world.ts';
import { decide } from '../policy/decide.ts';
import { allocatedCondition } from './conditions.ts';
import { decisionEvent } from './events.ts';

const world = () => worldOf({ pools: { edge: '10.0.0.0/30' } });
const web = { key: 'team-a/web' };

describe('the Allocated condition', () => {
  test('is True with the address, the pool and the reason', () => {
    const condition = allocatedCondition(decide(service(web), world()), undefined, NOW);
    assert.deepEqual(condition, {
      type: 'berth.dev/Allocated',
      status: 'True',
      reason: 'Allocated',
      message: 'Assigned 10.0.0.0 from pool "edge": pool "edge" is given to every Service that names none',
      lastTransitionTime: '2026-07-19T11:42:17Z',
    });
  });

  test('stays the very object while nothing changes, reason and time included', () => {
    const at = world();
    const first = allocatedCondition(decide(service(web), at), undefined, NOW);
    hold(at, service({ ...web, status: ['10.0.0.0'] }));
    const again = decide(service({ ...web, status: ['10.0.0.0'] }), at);
    assert.equal(allocatedCondition(again, first, NOW + 5000), first);
  });

  test('is the same after a write that failed: the claim alone does not change the reason', () => {
    const at = world();
    const first = allocatedCondition(decide(service(web), at), undefined, NOW);
    hold(at, service({ ...web, status: ['10.0.0.0'] }));
    const again = decide(service(web), at);
    assert.ok(again.kind === 'assigned' && !again.kept);
    assert.equal(allocatedCondition(again, undefined, NOW).message, first.message);
  });

  test('changes its time only with its status', () => {
    const full = worldOf({ pools: { edge: '10.0.0.0/32' }, services: [{ key: 'x/one', status: ['10.0.0.0'] }] });
    const waiting = allocatedCondition(decide(service(web), full), undefined, NOW);
    const other = allocatedCondition(decide(service(web), worldOf({})), waiting, NOW + 60_000);
    assert.equal(other.reason, 'NoPool');
    assert.equal(other.lastTransitionTime, waiting.lastTransitionTime);
    const served = allocatedCondition(decide(service(web), world()), other, NOW + 120_000);
    assert.equal(served.lastTransitionTime, '2026-07-19T11:44:17Z');
  });

  test('says what is missing while the address stays, and forgets it once it is gone', () => {
    const held = { ...web, status: ['10.0.0.0'] };
    const asking = decide(service({ ...held, annotations: { 'metallb.io/address-pool': 'ghost' } }), world());
    const told = allocatedCondition(asking, undefined, NOW);
    assert.equal(told.status, 'True');
    assert.equal(told.reason, 'NoPool');
    const after = allocatedCondition(decide(service(held), world()), told, NOW);
    assert.equal(`${after.reason}: ${after.message}`, 'Allocated: Assigned 10.0.0.0 from pool "edge"');
  });

  test('lists what each pool said where several were asked', () => {
    const at = worldOf({
      pools: { a: '10.0.0.0/32', b: '10.1.0.0/32' },
      services: [
        { key: 'x/one', status: ['10.0.0.0'] },
        { key: 'x/two', status: ['10.1.0.0'] },
      ],
    });
    const { message } = allocatedCondition(decide(service(web), at), undefined, NOW);
    assert.ok(
      message.endsWith('Asked: "a" (0 of 1 IPv4 addresses free) and "b" (0 of 1 IPv4 addresses free)'),
      message,
    );
  });
});

describe('an event', () => {
  test('is not told again where only numbers changed', () => {
    const services = [0, 1].map((n) => ({ key: `team-a/s${n}`, status: [`10.0.0.${n}`] }));
    const one = decide(service(web), worldOf({ pools: { edge: '10.0.0.0/31' }, services }));
    const told = allocatedCondition(one, undefined, NOW);
    const [first] = services;
    const other = [first, { key: 'team-b/s1', status: ['10.0.0.1'] }].flatMap((each) => each ?? []);
    const two = decide(service(web), worldOf({ pools: { edge: '10.0.0.0/31' }, services: other }));
    assert.notEqual(two.kind === 'refused' && two.message, told.message);
    assert.equal(decisionEvent(two, told, allocatedCondition(two, told, NOW)), undefined);
  });

  test('is told where the reason is another', () => {
    const told = allocatedCondition(decide(service(web), worldOf({})), undefined, NOW);
    const full = worldOf({ pools: { edge: '10.0.0.0/32' }, services: [{ key: 'x/one', status: ['10.0.0.0'] }] });
    const decision = decide(service(web), full);
    assert.equal(decisionEvent(decision, told, allocatedCondition(decision, told, NOW))?.reason, 'OutOfIPs');
  });

  test('holds at most 1024 characters', () => {
    const pools = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`pool-${'x'.repeat(40)}-${n}`, [`10.${n}.0.0/24`]]),
    );
    const decision = decide(service({ ...web, ip: '192.0.2.1', annotations: {} }), worldOf({ pools }));
    const event = decisionEvent(decision, undefined, allocatedCondition(decision, undefined, NOW));
    assert.ok(event !== undefined && event.message.length <= 1024);
  });
});
