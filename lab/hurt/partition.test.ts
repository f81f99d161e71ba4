import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionRules } from './partition.ts';

const machines = ['client', 'node-1', 'node-2', 'node-3'];

test('each group is parted from the machines of all the others, in both directions', () => {
  assert.deepEqual(partitionRules([['node-1', 'client'], ['node-2'], ['node-3']], machines), [
    'iifname { "node-1", "node-1-b", "client", "client-b" } oifname { "node-2", "node-2-b", "node-3", "node-3-b" } counter drop',
    'iifname { "node-2", "node-2-b" } oifname { "node-1", "node-1-b", "client", "client-b", "node-3", "node-3-b" } counter drop',
    'iifname { "node-3", "node-3-b" } oifname { "node-1", "node-1-b", "client", "client-b", "node-2", "node-2-b" } counter drop',
  ]);
});

test('one group alone parts nobody', () => assert.deepEqual(partitionRules([['node-1']], machines), []));

test('an unknown machine is refused with those that there are, one on two sides by name', () => {
  assert.throws(() => partitionRules([['node-9'], ['node-1']], machines), /"node-9".*use client, node-1/);
  assert.throws(() => partitionRules([['node-1'], ['node-1']], machines), /node-1 on two sides/);
});
