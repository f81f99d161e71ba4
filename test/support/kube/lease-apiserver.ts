/** An apiserver that knows one Lease: optimistic concurrency, a watch, and clients that can be cut off. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KubeClient, openClient } from '../../../src/kube/client.ts';
import type { Lease } from '../../../src/kube/lease.ts';
import { answerJson, scriptedApiserver } from './scripted-apiserver.ts';

export interface LeaseApiserver {
  readonly lease: () => Lease | undefined;
  /** A client by name. */
  client(name: string): KubeClient;
  /** From now on requests of this client stay without an answer and without effect. */
  cut(name: string): void;
  heal(name: string): void;
  /** Changes the Lease as somebody else would. */
  touch(change: (lease: Lease) => Lease): void;
  close(): Promise<void>;
}

export async function leaseApiserver(): Promise<LeaseApiserver> {
  let version = 0;
  let lease: Lease | undefined;
  const cut = new Set<string>();
  const watches = new Map<ServerResponse, string>();

  function store(next: Lease): Lease {
    const type = lease === undefined ? 'ADDED' : 'MODIFIED';
    lease = { ...next, metadata: { ...next.metadata, uid: 'u', resourceVersion: String(++version) } };
    for (const [response, name] of watches) {
      if (!cut.has(name)) response.write(`${JSON.stringify({ type, object: lease })}\n`);
    }
    return lease;
  }

  const problem = (code: number, reason: string): unknown => ({ kind: 'Status', code, reason, message: reason });

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '', 'https://x');
    if (request.method === 'GET' && url.searchParams.get('watch') === 'true') {
      response.writeHead(200);
      response.flushHeaders();
      watches.set(response, String(request.headers['user-agent']));
      response.once('close', () => watches.delete(response));
    } else if (request.method === 'GET' && url.pathname.endsWith('/leases')) {
      answerJson(response, 200, { metadata: { resourceVersion: String(version) }, items: lease ? [lease] : [] });
    } else if (request.method === 'GET') {
      if (lease === undefined) answerJson(response, 404, problem(404, 'NotFound'));
      else answerJson(response, 200, lease);
    } else if (request.method === 'POST') {
      if (lease !== undefined) answerJson(response, 409, problem(409, 'AlreadyExists'));
      else answerJson(response, 201, store(JSON.parse(body) as Lease));
    } else {
      const next = JSON.parse(body) as Lease;
      if (next.metadata.resourceVersion !== lease?.metadata.resourceVersion)
        answerJson(response, 409, problem(409, 'Conflict'));
      else answerJson(response, 200, store(next));
    }
  }

  const server = await scriptedApiserver((request, response, body) => {
    if (!cut.has(String(request.headers['user-agent']))) answer(request, response, body);
  });
  const clients: KubeClient[] = [];
  return {
    lease: () => lease,
    client(name) {
      const client = openClient(server.access, { userAgent: name });
      clients.push(client);
      return client;
    },
    cut: (name) => cut.add(name),
    heal: (name) => cut.delete(name),
    touch(change) {
      if (lease !== undefined) store(change(lease));
    },
    async close() {
      for (const client of clients) client.close();
      await server.close();
    },
  };
}
