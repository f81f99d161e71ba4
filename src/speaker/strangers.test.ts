import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Strangers } from './strangers.ts';

test('a stranger is news once, and forgotten ten minutes after it was last heard', () => {
  let now = 0;
  const strangers = new Strangers(() => now);
  const one = { mac: '02:00:00:00:00:ee', interface: 'eth0' };
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
