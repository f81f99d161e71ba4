import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planned } from '../../../test/wire/ground.ts';
import { parsePrefix } from '../net/prefix.ts';
import { Layer2, type Layer2Output } from './layer2.ts';
import { readSighting } from './sighting.ts';

const address = '192.0.2.130';
const subnet = parsePrefix('192.0.2.0/24');
assert.ok(subnet.ok);
const link = {
  index: 2,
  name: 'eth0',
  mac: { value: 0x02_00_00_00_00_01 },
  isUp: true,
  canAnnounce: true,
  prefixes: [subnet.value],
};
const candidates = [{ node: 'a', tier: 0 as const, weight: 0, interfaces: [] }];
const set = { set: [[address, planned(address, { candidates })] as const], remove: [] };

/** A node that knows of no other, and has listened long enough. */
function alone(): Layer2 {
  const core = new Layer2('a', 1, 0);
  core.changeLinks([link], 0);
  core.changeMembers(['a'], 0);
  core.tick(1);
  return core;
}

/** A question from nobody is a probe, a claim an announcement. */
function said(outputs: readonly Layer2Output[]): readonly string[] {
  return outputs.flatMap((output) => {
    const sighting = output.kind === 'send' ? readSighting(output.frame) : undefined;
    if (sighting?.ok !== true) return [];
    return [sighting.value.claim === undefined ? 'probe' : 'announcement'];
  });
}

test('an address that is planned again is asked for first, as a new one is: a stranger may have taken it meanwhile', () => {
  const core = alone();
  assert.deepEqual(said(core.changePlan(set, 10)), ['probe']);
  const announced = Array.from({ length: 20 }, (_, at) => said(core.tick(10 + 50 * (at + 1)))).flat();
  assert.ok(announced.includes('announcement'));
  assert.deepEqual(said(core.changePlan({ set: [], remove: [address] }, 2_000)), []);
  assert.deepEqual(said(core.changePlan(set, 3_000)), ['probe']);
});

test('what a peer that lags behind tells of an address before it left the plan is not believed when it is back', () => {
  const core = alone();
  core.changePlan(set, 10);
  for (let at = 60; at <= 1_000; at += 50) core.tick(at);
  const [record] = core.engine.ownedBy('a');
  assert.ok(record);
  core.changePlan({ set: [], remove: [address] }, 2_000);
  assert.deepEqual(core.engine.mergeRecords('b', [record], 2_010), []);
  assert.deepEqual(said(core.changePlan(set, 3_000)), ['probe']);
  assert.deepEqual(core.engine.ownedBy('a'), [{ ...record, epoch: record.epoch + 1 }]);
});

test('an owner that speaks for itself is believed once the address is back, and told that it owns it anew', () => {
  const core = alone();
  core.changePlan(set, 10);
  core.changePlan({ set: [], remove: [address] }, 20);
  const elsewhere = { set: [[address, planned(address, { candidates: [] })] as const], remove: [] };
  core.changePlan(elsewhere, 30);
  const told = { address: planned(address).address, owner: 'b', epoch: 1 };
  const anew = { ...told, epoch: 2 };
  assert.deepEqual(core.engine.mergeRecords('b', [told], 40), [{ kind: 'inform', node: 'b', records: [anew] }]);
  assert.deepEqual(core.engine.ownedBy('b'), [anew]);
});
