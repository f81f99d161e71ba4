/** An HTTPS server that answers as a test says: for what a real apiserver can't be made to do on demand. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ClusterAccess } from '../../../src/kube/kube-config.ts';
import { selfSigned } from './self-signed.ts';

export interface Scripted {
  readonly access: ClusterAccess;
  /** How often the client asked for fresh credentials. */
  readonly forgotten: () => number;
  /** Raw connections so far. */
  readonly sockets: readonly Socket[];
  readonly close: () => Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export async function scriptedApiserver(handler: Handler): Promise<Scripted> {
  const { cert, key } = await selfSigned();
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks).toString()));
    // A client that goes away in the middle is part of many tests.
    request.on('error', () => response.destroy());
  });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let forgotten = 0;
  return {
    access: {
      server: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
      tls: { secure: { ca: cert }, serverName: undefined, skipVerify: false },
      namespace: undefined,
      authorization: () => `Bearer token-${forgotten}`,
      forget() {
        forgotten++;
      },
    },
    forgotten: () => forgotten,
    sockets,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
