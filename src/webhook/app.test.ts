import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import supertest from 'supertest';
import { reviewRequest } from '../../test/support/webhook/reviews.ts';
import type { AdmissionRequest } from './admission-review.ts';
import { type AppOptions, createApp } from './app.ts';

const answered: string[] = [];
const failures: string[] = [];
const seen: AdmissionRequest[] = [];

function appWith(more: Partial<AppOptions> = {}) {
  return createApp({
    mutateService: (request) => {
      seen.push(request);
      return { kind: 'allowed' };
    },
    validateService: () => {
      throw new Error('secret-in-a-defect');
    },
    validateConfig: () => ({ kind: 'allowed' }),
    metrics: {
      answered: (_webhook, outcome) => void answered.push(outcome),
      refused: () => undefined,
      overturned: () => undefined,
    },
    log: { error: (_values, message) => void failures.push(message) },
    bodyLimitBytes: 64 * 1024,
    ...more,
  });
}

const good = (): object => reviewRequest({ object: { metadata: { name: 'web' }, spec: {} } });

const malformed: readonly {
  readonly name: string;
  readonly body: string;
  readonly type?: string;
  readonly status: number;
  readonly reason: RegExp;
}[] = [
  { name: 'no JSON', body: 'hello', status: 400, reason: /not valid JSON/ },
  { name: 'JSON cut in half', body: JSON.stringify(good()).slice(0, -20), status: 400, reason: /not valid JSON/ },
  { name: 'a list', body: '[]', status: 400, reason: /not a JSON object/ },
  { name: 'an empty body', body: '', status: 400, reason: /kind is absent/ },
  { name: 'a bare word of JSON', body: 'null', status: 400, reason: /not valid JSON/ },
  { name: 'text of another type', body: 'a: 1', type: 'application/yaml', status: 415, reason: /application\/json/ },
  { name: 'JSON under another type', body: '{}', type: 'text/plain', status: 415, reason: /application\/json/ },
  {
    name: 'a character set that is not UTF-8',
    body: '{}',
    type: 'application/json; charset=latin1',
    status: 415,
    reason: /UTF-8/,
  },
  { name: 'a body over the limit', body: `{"a":"${'x'.repeat(70_000)}"}`, status: 413, reason: /larger than 65536/ },
  { name: 'another kind', body: '{"kind":"Pod","apiVersion":"v1"}', status: 400, reason: /kind is "Pod"/ },
  {
    name: 'a review of version v1beta1',
    body: JSON.stringify({ ...good(), apiVersion: 'admission.k8s.io/v1beta1' }),
    status: 400,
    reason: /apiVersion is "admission\.k8s\.io\/v1beta1"/,
  },
  {
    name: 'a review without a request',
    body: JSON.stringify({ ...good(), request: undefined }),
    status: 400,
    reason: /request is absent/,
  },
  ...Object.entries({
    'a request without uid': { uid: undefined },
    'a uid that is a number': { uid: 7 },
    'a request without kind': { kind: undefined },
    'a kind that is text': { kind: 'Service' },
    'a kind without version': { kind: { group: '', kind: 'Service' } },
    'an unknown operation': { operation: 'PATCH' },
    'a name that is a list': { name: [] },
    'a dryRun that is text': { dryRun: 'yes' },
    'a user that is text': { userInfo: 'root' },
    'groups that are numbers': { userInfo: { username: 'a', groups: [1] } },
    'a create without object': { object: null },
    'an update without oldObject': { operation: 'UPDATE' },
    'an object that is a list': { object: [] },
    'an oldObject that is text': { operation: 'UPDATE', oldObject: 'x' },
  }).map(([name, fields]) => ({
    name,
    body: JSON.stringify(reviewRequest({ object: {}, ...fields })),
    status: 400,
    reason: /^not an AdmissionReview: request/,
  })),
];

for (const path of ['/mutate-service', '/validate-service', '/validate-config']) {
  for (const { name, body, type, status, reason } of malformed) {
    test(`${path}: ${name} is answered with ${status} and a reason`, async () => {
      const response = await supertest(appWith())
        .post(path)
        .set('Content-Type', type ?? 'application/json')
        .send(body);
      assert.equal(response.status, status, response.text);
      assert.equal(response.body.status, status);
      assert.match(response.body.reason, reason);
    });
  }
}

test('a good review is answered under its own uid, with no patch where there is nothing to patch', async () => {
  const response = await supertest(appWith()).post('/mutate-service').send(good());
  assert.equal(response.status, 200);
  assert.deepEqual(response.body, {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'review-1', allowed: true },
  });
});

test('a defect is a 500 that says nothing of the request, is logged, and the next request is served', async () => {
  const app = appWith();
  const response = await supertest(app).post('/validate-service').send(good());
  assert.equal(response.status, 500);
  assert.doesNotMatch(response.text, /secret/);
  assert.deepEqual(failures.splice(0), ['the webhook failed on a request']);
  assert.equal((await supertest(app).post('/mutate-service').send(good())).status, 200);
});

test('an unknown path is a 404 and another method a 405, both with a reason', async () => {
  const missing = await supertest(appWith()).post('/unknown').send({});
  assert.equal(missing.status, 404);
  assert.ok(missing.body.reason);
  const get = await supertest(appWith()).get('/mutate-service');
  assert.equal(get.status, 405);
  assert.equal(get.headers.allow, 'POST');
});

test('polluting keys reach the webhook as plain data and change nothing else', async () => {
  const body = JSON.stringify(good()).replace(
    '"spec":{}',
    '"spec":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  );
  seen.length = 0;
  const response = await supertest(appWith()).post('/mutate-service').type('application/json').send(body);
  assert.equal(response.status, 200);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.equal(seen[0]?.group, '');
});

test('a review whose fields are only inherited is refused', async () => {
  const body = `{"__proto__":${JSON.stringify(good())}}`;
  const response = await supertest(appWith()).post('/mutate-service').type('application/json').send(body);
  assert.equal(response.status, 400);
});

test('a compressed body is refused before it is unpacked', async () => {
  const response = await supertest(appWith())
    .post('/mutate-service')
    .set('Content-Type', 'application/json')
    .set('Content-Encoding', 'gzip')
    .send('{}');
  assert.equal(response.status, 415);
});

test('JSON of great depth does not end the process', async () => {
  const depth = 30_000;
  const body = JSON.stringify(good()).replace('"spec":{}', `"spec":${'['.repeat(depth)}${']'.repeat(depth)}`);
  const response = await supertest(appWith()).post('/mutate-service').type('application/json').send(body);
  assert.equal(response.status, 200);
});

test('conversions are answered, and what is none is refused', async () => {
  const peer = { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer', metadata: { name: 'a' }, spec: { myASN: 1 } };
  const request = { uid: 'c1', desiredAPIVersion: 'metallb.io/v1beta1', objects: [peer] };
  const review = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request };
  const response = await supertest(appWith()).post('/convert').send(review);
  assert.equal(response.status, 200);
  assert.equal(response.body.response.uid, 'c1');
  assert.equal(response.body.response.result.status, 'Success');
  assert.equal(response.body.response.convertedObjects[0].apiVersion, 'metallb.io/v1beta1');
  const refused = await supertest(appWith()).post('/convert').send({});
  assert.equal(refused.status, 400);
});

test('where client certificates are asked for, who has none is turned away', async () => {
  const response = await supertest(appWith({ clientCertificates: true }))
    .post('/mutate-service')
    .send(good());
  assert.equal(response.status, 401);
  assert.match(response.body.reason, /client certificate/);
});

test('every answer was counted by its outcome', () => {
  assert.deepEqual([...new Set(answered)].sort(), ['allowed', 'failed', 'malformed']);
});

const slow = createServer(appWith({ bodyDeadlineMs: 200 }));
before(() => new Promise<void>((resolve) => void slow.listen(0, '127.0.0.1', resolve)));
after(
  () =>
    new Promise<void>((resolve) => {
      slow.closeAllConnections();
      slow.close(() => resolve());
    }),
);

test('a client that trickles its body is ended with 408', async () => {
  const socket = connect((slow.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(
    'POST /mutate-service HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{',
  );
  const trickle = setInterval(() => socket.writable && socket.write(' '), 20);
  socket.on('error', () => undefined);
  await once(socket, 'close');
  clearInterval(trickle);
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.match(text, /did not arrive within 0\.2 s/);
});

test('a client that goes away in the middle of its body harms nobody', async () => {
  const { port } = slow.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /mutate-service HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{',
  );
  await once(socket, 'connect');
  socket.destroy();
  await once(socket, 'close');
  const response = await supertest(`http://127.0.0.1:${port}`).post('/mutate-service').send(good());
  assert.equal(response.status, 200);
});
