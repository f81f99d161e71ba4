import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Strangers } from './strangers.ts';

test('a stranger is news once, and forgotten ten minutes after it was last heard', () => {
  let now = 0;
  const strangers = new Strangers(() => now);
  const one = { mac: '02:00:00:00:00:ee', interface: 'eth0', unannounced: true };
  assert.equal(strangers.saw('192.0.2.10', one), true);
  now = 300_000;
  assert.equal(strangers.saw('192.0.2.10', one), false);
  assert.equal(strangers.saw('192.0.2.10', { ...one, mac: '02:00:00:00:00:ef' }), true);
  now = 899_999;
  assert.equal(strangers.prune(), false);
  now = 900_000;
  assert.equal(strangers.prune(), true);
  assert.equal(strangers.get('192.0.2.10'), undefined);
});

test('an address that was announced counts as such until the stranger is forgotten', () => {
  const strangers = new Strangers(() => 0);
  const found = { mac: '02:00:00:00:00:ee', interface: 'eth0', unannounced: true };
  const unannounced = () => strangers.get('192.0.2.10')?.unannounced;
  assert.equal(strangers.saw('192.0.2.10', found), true);
  assert.equal(unannounced(), true);
  assert.equal(strangers.saw('192.0.2.10', { ...found, unannounced: false }), true);
  assert.equal(unannounced(), false);
  assert.equal(strangers.saw('192.0.2.10', found), false);
  assert.equal(unannounced(), false);
  strangers.forget('192.0.2.10');
  strangers.saw('192.0.2.10', found);
  assert.equal(unannounced(), true);
});
