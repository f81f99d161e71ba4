import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceObject } from '../../../test/support/world.ts';
import { stillUnannounced } from './unannounced.ts';

const web = serviceObject({
  key: 'team-a/web',
  annotations: { 'berth.dev/unannounced': '192.0.2.10,2001:db8::10,192.0.2.99' },
});
const announcer = { node: 'n1', interfaces: ['eth0'], since: '2026-07-19T11:42:17Z' };

test('what somebody answers for, and what the Service has no more, is off the list', () => {
  const known = [
    { address: '192.0.2.10', announcer },
    { address: '2001:db8::10', announcer: undefined },
  ];
  assert.deepEqual(stillUnannounced(web, known), ['2001:db8::10']);
});

test('what was never on the list does not come onto it by falling silent', () => {
  const bare = serviceObject({ key: 'team-a/web' });
  assert.deepEqual(stillUnannounced(bare, [{ address: '192.0.2.10', announcer: undefined }]), []);
});
