import assert from 'node:assert/strict';
import { Agent, request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { reviewRequest } from '../../test/support/webhook/reviews.ts';
import { type AppOptions, createApp } from './app.ts';
import * as authority from './certificates/authority.ts';
import type { StoredCertificates } from './certificates/inspect.ts';
import { type Plan, rotationPolicy } from './certificates/plan.ts';
import { rotate } from './certificates/rotate.ts';
import { ServingCertificate } from './certificates/serving.ts';
import { serveWebhook } from './serve.ts';

const NAME = 'webhook-service.metallb-system.svc';

const appOptions: AppOptions = {
  mutateService: async () => ({ kind: 'allowed' }),
  validateService: async () => {
    await sleep(20);
    return { kind: 'allowed' };
  },
  validateConfig: async () => ({ kind: 'allowed' }),
  metrics: { answered: () => undefined, refused: () => undefined, overturned: () => undefined },
  log: { error: () => undefined },
};
const app = createApp(appOptions);

function make(kind: Exclude<Plan['kind'], 'keep'>, stored?: StoredCertificates): Promise<StoredCertificates> {
  return rotate({ kind }, stored, [NAME], Date.now(), rotationPolicy, authority);
}

function post(port: number, ca: string, agent: Agent, path = '/mutate-service'): Promise<number> {
  const answer = Promise.withResolvers<number>();
  const request = httpsRequest(
    {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      ca,
      agent,
      servername: NAME,
      headers: { 'content-type': 'application/json' },
    },
    (response) => {
      response.resume();
      response.on('end', () => answer.resolve(response.statusCode ?? 0));
    },
  );
  request.on('error', answer.reject);
  request.end(JSON.stringify(reviewRequest({ object: { metadata: { name: 'web' }, spec: {} } })));
  return answer.promise;
}

test('the port opens only with a certificate', async () => {
  const serving = new ServingCertificate();
  const ending = new AbortController();
  const starting = serveWebhook({ app, serving, port: 0, host: '127.0.0.1', drainMs: 0, signal: ending.signal });
  let open = false;
  void starting.then(() => {
    open = true;
  });
  await sleep(50);
  assert.equal(open, false);
  assert.equal(serving.offer(await make('create')), 'taken');
  const running = await starting;
  ending.abort();
  await running.closed;
});

test('stopping before there is a certificate is told', async () => {
  const ending = new AbortController();
  const starting = serveWebhook({ app, serving: new ServingCertificate(), port: 0, signal: ending.signal });
  ending.abort();
  await assert.rejects(starting, /stopped before the webhook had a certificate/);
});

test('no request fails while leaf and authority are exchanged again and again', async () => {
  let stored = await make('create');
  const serving = new ServingCertificate();
  serving.offer(stored);
  const ending = new AbortController();
  const running = await serveWebhook({ app, serving, port: 0, host: '127.0.0.1', drainMs: 0, signal: ending.signal });
  const outcomes: number[] = [];
  const kept = new Agent({ keepAlive: true, maxSockets: 4 });
  let rotating = true;
  const client = async (agent: Agent): Promise<void> => {
    while (rotating) outcomes.push(await post(running.port, stored.bundle, agent));
  };
  const clients = Array.from({ length: 4 }, (_, index) =>
    client(index === 0 ? kept : new Agent({ keepAlive: false, maxCachedSessions: index === 1 ? 0 : 100 })),
  );
  const served = new Set<string>();
  // On a busy machine it takes more rounds until enough was asked.
  for (let round = 0; round < 8 || (outcomes.length < 50 && round < 1_000); round += 1) {
    for (const kind of ['issue', 'stage-authority', 'promote-authority'] as const) {
      const next = await make(kind, stored);
      // The bundle is known to clients before the leaf is served, as the keeper's plan makes sure.
      stored = { ...next };
      assert.notEqual(serving.offer(next), 'mismatched');
      served.add(next.certificate);
      await sleep(100);
    }
  }
  rotating = false;
  await Promise.all(clients);
  kept.destroy();
  assert.ok(served.size >= 16);
  assert.ok(outcomes.length >= 50, `${outcomes.length} requests`);
  assert.deepEqual(new Set(outcomes), new Set([200]));
  ending.abort();
  await running.closed;
});

test('a pair that does not belong together is not taken, and the one before keeps serving', async () => {
  const [one, other] = [await make('create'), await make('create')];
  const serving = new ServingCertificate();
  serving.offer(one);
  const ending = new AbortController();
  const running = await serveWebhook({ app, serving, port: 0, host: '127.0.0.1', drainMs: 0, signal: ending.signal });
  assert.equal(serving.offer({ certificate: one.certificate, key: other.key }), 'mismatched');
  assert.equal(serving.offer({ certificate: 'half a certifi', key: one.key }), 'mismatched');
  assert.equal(serving.offer(one), 'unchanged');
  const agent = new Agent({ keepAlive: false });
  assert.equal(await post(running.port, one.bundle, agent), 200);
  ending.abort();
  await running.closed;
});

test('requests under way when the role stops are answered', async () => {
  const stored = await make('create');
  const serving = new ServingCertificate();
  serving.offer(stored);
  const ending = new AbortController();
  const running = await serveWebhook({ app, serving, port: 0, host: '127.0.0.1', drainMs: 100, signal: ending.signal });
  const agent = new Agent({ keepAlive: true });
  const answers = Array.from({ length: 5 }, () => post(running.port, stored.bundle, agent, '/validate-service'));
  ending.abort();
  answers.push(post(running.port, stored.bundle, agent, '/validate-service'));
  assert.deepEqual(new Set(await Promise.all(answers)), new Set([200]));
  await running.closed;
  await assert.rejects(post(running.port, stored.bundle, new Agent()), /ECONNREFUSED/);
});

/** A certificate for clients, signed by the authority of `stored`. */
async function clientCertificate(stored: StoredCertificates): Promise<authority.KeyPair> {
  const issuer = { certificate: stored.bundle, key: stored.authorityKey };
  const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 60_000_000 };
  return authority.issueCertificate(issuer, ['apiserver'], validity, 'client');
}

test('where client certificates are asked for, who has none of that authority is turned away with a reason', async () => {
  const [stored, stranger] = [await make('create'), await make('create')];
  const serving = new ServingCertificate();
  serving.offer(stored);
  const ending = new AbortController();
  const running = await serveWebhook({
    app: createApp({ ...appOptions, clientCertificates: true }),
    serving,
    port: 0,
    host: '127.0.0.1',
    clientAuthority: stored.bundle,
    drainMs: 0,
    signal: ending.signal,
  });
  const asked = async (pair: authority.KeyPair | undefined): Promise<number> => {
    const agent = new Agent(pair ? { cert: pair.certificate, key: pair.key } : {});
    return post(running.port, stored.bundle, agent);
  };
  assert.equal(await asked(undefined), 401);
  assert.equal(await asked(await clientCertificate(stranger)), 401);
  assert.equal(await asked({ certificate: stored.certificate, key: stored.key }), 401, 'made for servers');
  assert.equal(await asked(await clientCertificate(stored)), 200);
  ending.abort();
  await running.closed;
});
