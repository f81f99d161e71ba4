/** What the order decides in which a commit is applied, and what is still sure then. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planText, pool, service, serviceOf, stateOf } from './plan.ts';

const edge = pool('edge', '192.0.2.0/30');
const allowed = '  serviceAllocation: {namespaces: [team-b]}\n';

function namespace(name: string, labels: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n---\n`;
}

describe('half way', () => {
  const named = pool('edge', '192.0.2.0/30', '  autoAssign: false\n');
  const labelled = namespace('team-a', 'berth.dev/pool: edge');

  test('one that waits may get from a pool what the same commit then keeps for others', () => {
    const report = planText(labelled + pool('edge', '192.0.2.0/30', allowed) + service('team-a/web'), {
      before: stateOf(named + service('team-a/web')),
    });
    const { answer, because } = serviceOf(report, 'team-a/web');
    assert.equal(answer, 'unknown');
    assert.match(because, /depends on the order/);
  });

  test('where every stage gives it the same, it is sure', () => {
    const report = planText(labelled + named + pool('other', '198.51.100.0/30') + service('team-a/web'), {
      before: stateOf(named + service('team-a/web')),
    });
    assert.deepEqual(serviceOf(report, 'team-a/web').addresses, ['192.0.2.0']);
  });
});

describe('what comes free', () => {
  test('an address whose Service becomes an inner one is free for those that are applied after it', () => {
    const before = stateOf(edge + service('team-a/web'), { 'team-a/web': '192.0.2.0' });
    const inner = service('team-a/web').replace('LoadBalancer', 'ClusterIP');
    const {
      answer,
      pool: from,
      addresses,
    } = serviceOf(planText(edge + inner + service('team-b/new'), { before }), 'team-b/new');
    assert.deepEqual([answer, from, addresses], ['allowed', 'edge', []]);
  });

  test('which of two deleted Services goes first decides what one that waits gets', () => {
    const full = edge.replace('192.0.2.0/30', '192.0.2.0/31');
    const waits = service('team-b/new');
    const before = stateOf(full + service('team-a/db') + service('team-a/web') + waits, {
      'team-a/db': '192.0.2.0',
      'team-a/web': '192.0.2.1',
    });
    const both = serviceOf(planText(full + waits, { before, managed: 'everything' }), 'team-b/new');
    assert.deepEqual([both.answer, both.addresses], ['allowed', []]);
    const one = planText(full + service('team-a/db') + waits, { before, managed: 'everything' });
    assert.deepEqual(serviceOf(one, 'team-b/new').addresses, ['192.0.2.1']);
  });
});

test('one that waits is given an address even if the same commit deletes it', () => {
  const waits = service('team-a/web', { annotations: 'metallb.io/address-pool: edge' });
  const report = planText(edge.replace('/30', '/32') + service('team-b/new', { ip: '192.0.2.0' }), {
    before: stateOf(waits),
    managed: 'everything',
  });
  assert.equal(serviceOf(report, 'team-b/new').answer, 'refused');
  assert.equal(serviceOf(report, 'team-a/web').change, 'gone');
});

test('a pool that the same commit deletes takes back what it gave', () => {
  const before = stateOf(
    edge.replace('metallb-system}', "metallb-system, annotations: {berth.dev/allow-disruption: 'true'}}"),
  );
  const report = planText(service('team-a/web'), { before, managed: 'everything' });
  assert.equal(serviceOf(report, 'team-a/web').answer, 'waits');
});

test('a refusal is sure where only its advice depends on who else was there', () => {
  const report = planText(
    pool('pinned', '198.51.100.0/30', allowed) +
      pool('single', '192.0.2.1/32', '  autoAssign: false\n') +
      service('team-a/web', { ip: '198.51.100.1' }) +
      service('team-a/dns', { annotations: 'metallb.io/address-pool: single' }),
  );
  const { answer, adviceOpen, because } = serviceOf(report, 'team-a/web');
  assert.deepEqual([answer, adviceOpen], ['refused', true]);
  assert.match(because, /^PoolForbidden: .* \(what it advises depends on the order of creation\)$/);
});
