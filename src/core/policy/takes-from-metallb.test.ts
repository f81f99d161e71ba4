/** The rows of "what MetalLB does wrong" that concern decisions and configuration, each with what Berth does instead. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hold, outcome, reconfigured, service, worldOf } from '../../../test/support/world.ts';
import { allocatedCondition } from '../status/conditions.ts';
import { decisionEvent } from '../status/events.ts';
import { decide } from './decide.ts';
import { effectOfChange } from './disruption.ts';
import { decideUpdate } from './update.ts';

const POOL = 'metallb.io/address-pool';
const IPS = 'metallb.io/loadBalancerIPs';
const KEY = 'metallb.io/allow-shared-ip';

describe('where MetalLB hurts its users', () => {
  test('a bad annotation on a healthy Service is refused, and where no webhook looks the address stays', () => {
    const healthy = { key: 'team-a/web', status: ['10.0.0.1'] };
    const world = worldOf({ pools: { edge: '10.0.0.0/30' }, services: [healthy] });
    const bad = service({ ...healthy, annotations: { [IPS]: '10.0.0.300' } });
    assert.equal(outcome(decideUpdate(service(healthy), bad, world)), 'InvalidRequest');
    assert.equal(outcome(decide(bad, world)), 'edge 10.0.0.1, but InvalidRequest');
  });

  test('namespace selectors that match nothing shut everybody out', () => {
    const world = worldOf({
      pools: {
        edge: { addresses: ['10.0.0.0/30'], serviceAllocation: { namespaceSelectors: [{ matchLabels: { a: 'b' } }] } },
      },
      namespaces: { 'team-a': {} },
    });
    assert.equal(
      outcome(decide(service({ key: 'team-a/web', annotations: { [POOL]: 'edge' } }), world)),
      'PoolForbidden',
    );
    assert.equal(outcome(decide(service({ key: 'team-a/web', ip: '10.0.0.1' }), world)), 'PoolForbidden');
    assert.equal(outcome(decide(service({ key: 'team-a/web' }), world)), 'waits PoolSelectorMismatch');
  });

  test('another namespace with the same sharing key does not join the address', () => {
    const world = worldOf({
      pools: { edge: '10.0.0.0/30' },
      services: [{ key: 'team-a/dns', status: ['10.0.0.1'], ports: ['UDP/53'], annotations: { [KEY]: 'k' } }],
    });
    const asks = service({ key: 'team-b/web', ip: '10.0.0.1', annotations: { [KEY]: 'k' } });
    assert.equal(outcome(decide(asks, world)), 'AlreadyAllocatedIncompatibleService');
  });

  test('un-labelling a namespace re-addresses none of its Services', () => {
    const pools = {
      edge: {
        addresses: ['10.0.0.0/30'],
        serviceAllocation: { namespaceSelectors: [{ matchLabels: { env: 'prod' } }] },
      },
      open: '10.1.0.0/30',
    };
    const labelled = worldOf({ pools, namespaces: { 'team-a': { env: 'prod' } } });
    const first = decide(service({ key: 'team-a/web' }), labelled);
    assert.equal(outcome(first), 'edge 10.0.0.0');
    hold(labelled, service({ key: 'team-a/web', status: ['10.0.0.0'] }));
    const unlabelled = reconfigured(labelled, { pools, namespaces: { 'team-a': {} } });
    assert.equal(outcome(decide(service({ key: 'team-a/web', status: ['10.0.0.0'] }), unlabelled)), 'edge 10.0.0.0');
    assert.equal(outcome(decide(service({ key: 'team-a/new' }), unlabelled)), 'open 10.1.0.0');
  });

  test('shrinking or deleting a pool in use names every Service that would lose its address', () => {
    const world = worldOf({
      pools: { edge: '10.0.0.0/30' },
      services: [
        { key: 'team-a/web', status: ['10.0.0.1'] },
        { key: 'team-b/db', status: ['10.0.0.3'] },
      ],
    });
    const shrunk = reconfigured(world, { pools: { edge: '10.0.0.0/31' } }).configuration;
    const { losses } = effectOfChange(world.configuration, shrunk, world.ledger, world.now);
    assert.deepEqual(
      losses.map((loss) => loss.service),
      ['team-b/db'],
    );
  });

  test('nothing is written or told where nothing changes, after a restart too', () => {
    const held = { key: 'team-a/web', status: ['10.0.0.1'] };
    const world = worldOf({ pools: { edge: '10.0.0.0/30' }, services: [held] });
    const first = decide(service({ key: 'team-a/web', ip: '10.0.0.1' }), world);
    const written = allocatedCondition(first, undefined, world.now);
    const again = decide(service(held), worldOf({ pools: { edge: '10.0.0.0/30' }, services: [held] }));
    assert.ok(again.kind === 'assigned' && again.kept);
    const condition = allocatedCondition(again, written, world.now + 60_000);
    assert.equal(condition, written);
    assert.equal(decisionEvent(again, written, condition), undefined);
  });

  test('exhaustion says counts, each candidate and why it was passed over, and what to do', () => {
    const world = worldOf({
      pools: { edge: '10.0.0.0/31', spare: { addresses: ['10.1.0.0/30'], autoAssign: false } },
      services: [
        { key: 'team-a/web', status: ['10.0.0.0'] },
        { key: 'team-b/db', status: ['10.0.0.1'] },
      ],
    });
    const decision = decide(service({ key: 'team-a/new' }), world);
    assert.ok(decision.kind === 'refused');
    assert.equal(
      decision.message,
      'Cannot assign pool "edge": 0 of 2 IPv4 addresses free (team-a holds 1); ' +
        'ask for "spare" in annotation metallb.io/address-pool, or have the pool enlarged',
    );
    assert.deepEqual(decision.candidates, [{ pool: 'edge', because: '0 of 2 IPv4 addresses free (team-a holds 1)' }]);
  });

  test('ranges that MetalLB accepts and that can serve nobody are no pools', () => {
    for (const range of ['10.0.0.1-fc00::1', '0.0.0.0/0', '224.0.0.0/24', '127.0.0.0/24']) {
      const { configuration } = worldOf({ pools: { bad: range } });
      assert.equal(configuration.pools.size, 0, range);
      assert.ok(
        configuration.problems.get('IPAddressPool/bad')?.some(({ severity }) => severity === 'error'),
        range,
      );
    }
  });

  test('one address outside the new pools concerns its own Service only', () => {
    const world = worldOf({
      pools: { edge: '10.0.0.0/30' },
      services: [
        { key: 'team-a/stray', status: ['10.9.0.1'] },
        { key: 'team-a/web', status: ['10.0.0.0'] },
      ],
    });
    assert.equal(outcome(decide(service({ key: 'team-a/stray', status: ['10.9.0.1'] }), world)), 'edge 10.0.0.1');
    assert.equal(outcome(decide(service({ key: 'team-a/web', status: ['10.0.0.0'] }), world)), 'edge 10.0.0.0');
  });

  test('a Service that waits is told once, not on every pass', () => {
    const world = worldOf({});
    const decision = decide(service({ key: 'team-a/web' }), world);
    const written = allocatedCondition(decision, undefined, world.now);
    assert.equal(decisionEvent(decision, undefined, written)?.reason, 'NoPool');
    assert.equal(decisionEvent(decision, written, allocatedCondition(decision, written, world.now + 1000)), undefined);
  });

  test('equal priorities give the same pool every time', () => {
    const pin = (range: string) => ({ addresses: [range], serviceAllocation: { priority: 1, namespaces: ['team-a'] } });
    const b = worldOf({ pools: { b: pin('10.1.0.0/30'), a: pin('10.0.0.0/30') } });
    const a = worldOf({ pools: { a: pin('10.0.0.0/30'), b: pin('10.1.0.0/30') } });
    for (const world of [a, b]) assert.equal(outcome(decide(service({ key: 'team-a/web' }), world)), 'a 10.0.0.0');
  });
});
