import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../src/core/net/address.ts';
import { parseRange, rangeContains, rangesOverlap } from '../../src/core/net/range.ts';
import { machinesOf, mostNodes, planOf, slots } from './plan.ts';

const anyPlan = fc.record({
  slot: fc.integer({ min: 0, max: slots - 1 }),
  nodes: fc.integer({ min: 1, max: mostNodes }),
});

function range(text: string) {
  const parsed = parseRange(text);
  assert.ok(parsed.ok, text);
  return parsed.value.range;
}

function address(text: string) {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok, text);
  assert.equal(formatAddress(parsed.value), text, 'in canonical form');
  return parsed.value;
}

test('every machine has an address of its own in the LAN, outside the LoadBalancer prefixes', () => {
  fc.assert(
    fc.property(anyPlan, ({ slot, nodes }) => {
      const plan = planOf('x', slot, nodes);
      const seen = new Set<string>();
      for (const { address: pair } of [{ address: plan.host }, ...machinesOf(plan)]) {
        for (const family of ['ipv4', 'ipv6'] as const) {
          const value = address(pair[family]);
          assert.ok(rangeContains(range(plan.lan[family]), value));
          assert.ok(!rangeContains(range(plan.loadBalancers[family]), value));
          assert.ok(!seen.has(pair[family]));
          seen.add(pair[family]);
        }
      }
    }),
  );
});

test('pods of a node lie in the cluster prefix, apart from those of other nodes', () => {
  fc.assert(
    fc.property(anyPlan, ({ slot, nodes }) => {
      const plan = planOf('x', slot, nodes);
      for (const family of ['ipv4', 'ipv6'] as const) {
        const ranges = plan.nodes.map((node) => range(node.pods[family]));
        const cluster = range(plan.clusterPods[family]);
        assert.ok(ranges.every((one) => one.first >= cluster.first && one.last <= cluster.last));
        assert.ok(ranges.every((one, i) => i === 0 || !rangesOverlap(one, ranges[i - 1]!)));
      }
    }),
  );
});

test('two slots share no prefix on any wire', () => {
  fc.assert(
    fc.property(anyPlan, anyPlan, (one, two) => {
      fc.pre(one.slot !== two.slot);
      const [a, b] = [planOf('a', one.slot, one.nodes), planOf('b', two.slot, two.nodes)];
      for (const family of ['ipv4', 'ipv6'] as const) {
        assert.ok(!rangesOverlap(range(a.lan[family]), range(b.lan[family])));
        assert.ok(!rangesOverlap(range(a.clusterPods[family]), range(b.clusterPods[family])));
      }
    }),
  );
});
