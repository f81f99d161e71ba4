import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest } from '../admission-review.ts';
import { changeOf, entryOf } from './audit.ts';

function peerUpdate(before: object | undefined, after: object | undefined): AdmissionRequest {
  return {
    uid: 'u1',
    group: 'metallb.io',
    version: 'v1beta2',
    kind: 'BGPPeer',
    subResource: '',
    operation: 'UPDATE',
    name: 'router',
    namespace: 'metallb-system',
    dryRun: false,
    user: { name: 'alice', groups: ['a', 'b'] },
    object: after as AdmissionRequest['object'],
    oldObject: before as AdmissionRequest['oldObject'],
  };
}

const peer = (password: string, more: object = {}): object => ({
  metadata: {
    name: 'router',
    resourceVersion: '1',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"spec":{"password":"${password}"}}` },
    managedFields: [{ manager: 'kubectl' }],
  },
  spec: { myASN: 64512, password, ...more },
});

test('the change of a password is recorded, the password is not', () => {
  const change = changeOf(peerUpdate(peer('old-secret'), peer('new-secret')));
  assert.deepEqual(change, {
    change: [
      { op: 'test', path: '/spec/password', value: '[redacted]' },
      { op: 'replace', path: '/spec/password', value: '[redacted]' },
    ],
  });
});

test('no password of a created or deleted object is recorded, however deep it lies', () => {
  for (const [before, after] of [
    [undefined, peer('secret-a')],
    [peer('secret-a'), undefined],
    [peer('secret-a'), { metadata: {}, spec: { nested: [{ Password: 'secret-a' }] } }],
  ]) {
    assert.doesNotMatch(JSON.stringify(changeOf(peerUpdate(before, after))), /secret-a/);
  }
});

test('the name of a Secret is no secret', () => {
  const before = { metadata: {}, spec: {} };
  const after = { metadata: {}, spec: { passwordSecret: { name: 'router-key' } } };
  assert.deepEqual(changeOf(peerUpdate(before, after)).change, [
    { op: 'add', path: '/spec/passwordSecret', value: { name: 'router-key' } },
  ]);
});

test('an entry stays bounded, and says what it leaves out', () => {
  const spec = (value: number): object => ({
    metadata: {},
    spec: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, value])),
  });
  const { change, changeLeftOut } = changeOf(peerUpdate(spec(1), spec(2)));
  assert.equal(change?.length, 100);
  assert.equal(changeLeftOut, 900);
  const huge = changeOf(
    peerUpdate({ metadata: {}, spec: {} }, { metadata: {}, spec: { text: 'x'.repeat(1_000_000) } }),
  );
  assert.ok(JSON.stringify(huge).length < 10_000);
});

test('an entry says who, and only how many groups', () => {
  assert.deepEqual(entryOf(peerUpdate(undefined, undefined)).user, { name: 'alice', groups: 2 });
});
