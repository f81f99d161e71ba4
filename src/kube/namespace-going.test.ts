import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { answerJson, scriptedApiserver } from '../../test/support/kube/scripted-apiserver.ts';
import { aborted } from './aborted.ts';
import { openClient } from './client.ts';
import { namespaceGoing } from './namespace-going.ts';

const namespace = (resourceVersion: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'metallb-system', uid: 'u', resourceVersion, ...more },
});

test('a namespace is going as soon as it is being deleted, while it and its objects are still there', async () => {
  const opened = Promise.withResolvers<ServerResponse>();
  const selectors = new Set<string | null>();
  const server = await scriptedApiserver((request, response) => {
    const query = new URL(request.url ?? '', 'https://x').searchParams;
    selectors.add(query.get('fieldSelector'));
    if (query.get('watch') !== 'true') {
      answerJson(response, 200, { metadata: { resourceVersion: '1' }, items: [namespace('1')] });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    opened.resolve(response);
  });
  const client = openClient(server.access);
  const end = new AbortController();
  const troubles: unknown[] = [];
  try {
    const onTrouble = (error: unknown): void => void troubles.push(error);
    const going = namespaceGoing({ client, namespace: 'metallb-system', onTrouble, signal: end.signal });
    const watch = await opened.promise;
    const say = (object: object): void => void watch.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
    say(namespace('2', { labels: { a: 'b' } }));
    assert.equal(going.aborted, false);
    say(namespace('3', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await aborted(going);
    assert.deepEqual([...selectors], ['metadata.name=metallb-system']);
    assert.deepEqual(troubles, []);
  } finally {
    end.abort();
    client.close();
    await server.close();
  }
});
