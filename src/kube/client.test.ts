import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerJson, type Handler, scriptedApiserver } from '../../test/support/kube/scripted-apiserver.ts';
import { type KubeClient, openClient } from './client.ts';
import { isAlreadyExists, isConflict, isNotFound, KubeError } from './kube-error.ts';
import { ipAddressPools, services } from './resources.ts';

async function withServer(
  handler: Handler,
  run: (client: KubeClient, forgotten: () => number) => Promise<void>,
): Promise<void> {
  const server = await scriptedApiserver(handler);
  const client = openClient(server.access);
  try {
    await run(client, server.forgotten);
  } finally {
    client.close();
    await server.close();
  }
}

const status = (code: number, reason: string, message = 'because'): unknown => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
});

describe('client', () => {
  it('speaks of an object by its path, and tells the apiserver when to give up', async () => {
    const seen: string[] = [];
    await withServer(
      (request, response, body) => {
        seen.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${body}`);
        answerJson(response, 200, {});
      },
      async (client) => {
        const target = { resource: services, namespace: 'a', name: 'web', subresource: 'status' };
        await client.get({ resource: services, namespace: 'a', name: 'web' });
        await client.patch(target, { x: 1 }, { type: 'strategic-merge', fieldManager: 'berth', timeoutMs: 5_000 });
        await client.list({ resource: ipAddressPools }, { query: { limit: 5 } });
        await client.delete({ resource: services, namespace: 'a', name: 'web' }, { preconditions: { uid: 'u' } });
      },
    );
    assert.deepEqual(seen, [
      'GET /api/v1/namespaces/a/services/web?timeout=15s - ',
      'PATCH /api/v1/namespaces/a/services/web/status?timeout=5s&fieldManager=berth application/strategic-merge-patch+json {"x":1}',
      'GET /apis/metallb.io/v1beta1/ipaddresspools?timeout=15s&limit=5 - ',
      'DELETE /api/v1/namespaces/a/services/web?timeout=15s application/json {"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"u"}}',
    ]);
  });

  const refusals: readonly [name: string, code: number, reason: string, test: (error: unknown) => boolean][] = [
    ['an absent object', 404, 'NotFound', isNotFound],
    ['an object that has changed', 409, 'Conflict', isConflict],
    ['an object that is there already', 409, 'AlreadyExists', isAlreadyExists],
  ];
  for (const [name, code, reason, test] of refusals) {
    it(`knows ${name}`, async () => {
      await withServer(
        (_request, response) => answerJson(response, code, status(code, reason)),
        async (client) => {
          const asked = client.get({ resource: services, namespace: 'a', name: 'web' });
          await assert.rejects(asked, (error) => {
            assert.ok(error instanceof KubeError && test(error));
            assert.equal(error.reason, reason);
            assert.match(error.message, /^GET \/api\/v1\/namespaces\/a\/services\/web\?timeout=15s: \d+ \w+: because$/);
            return true;
          });
        },
      );
    });
  }

  it('shows what a proxy says in place of the apiserver', async () => {
    await withServer(
      (_request, response) => {
        response.writeHead(502, { 'content-type': 'text/html' });
        response.end('<h1>Bad Gateway</h1>');
      },
      async (client) => {
        await assert.rejects(client.list({ resource: services }), /502 InternalError: <h1>Bad Gateway<\/h1>/);
      },
    );
  });

  it('waits as long as it is asked to and tries again', async () => {
    let asked = 0;
    await withServer(
      (_request, response) => {
        asked++;
        if (asked === 1) answerJson(response, 429, status(429, 'TooManyRequests'), { 'retry-after': '0' });
        else answerJson(response, 200, { metadata: { name: 'web' } });
      },
      async (client) => {
        const service = await client.get({ resource: services, namespace: 'a', name: 'web' });
        assert.equal(service.metadata.name, 'web');
        assert.equal(asked, 2);
      },
    );
  });

  it('leaves a long wait to its caller', async () => {
    await withServer(
      (_request, response) => answerJson(response, 429, status(429, 'TooManyRequests'), { 'retry-after': '60' }),
      async (client) => {
        await assert.rejects(client.list({ resource: services }), (error) => {
          assert.ok(error instanceof KubeError);
          assert.equal(error.retryAfterMs, 60_000);
          return true;
        });
      },
    );
  });

  it('reads its credentials again when they are refused, once', async () => {
    const tokens: (string | undefined)[] = [];
    await withServer(
      (request, response) => {
        tokens.push(request.headers.authorization);
        if (tokens.length === 1) answerJson(response, 401, status(401, 'Unauthorized'));
        else if (tokens.length === 2) answerJson(response, 200, { items: [], metadata: { resourceVersion: '1' } });
        else answerJson(response, 401, status(401, 'Unauthorized'));
      },
      async (client, forgotten) => {
        await client.list({ resource: services });
        assert.equal(forgotten(), 1);
        await assert.rejects(client.list({ resource: services }), /401 Unauthorized/);
      },
    );
    assert.deepEqual(tokens, ['Bearer token-0', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });
});
