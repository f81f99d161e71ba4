/** `/livez`, `/readyz`, `/metrics` and what a role adds, on one port. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { type Finding, findingsText, type Health } from './health.ts';

export interface HealthServerOptions {
  readonly health: Health;
  readonly registry: Registry;
  /** 7472, as MetalLB; 0 for any free one. */
  readonly port: number;
  /** All interfaces where absent. */
  readonly host?: string;
  readonly signal: AbortSignal;
}

/**
 * Serves until the signal is aborted.
 *
 * @returns the port.
 * @throws Error where the port is taken.
 */
export async function serveHealth(options: HealthServerOptions): Promise<number> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answer(response, 405, 'text/plain', 'only GET\n');
    }
    const path = request.url?.split('?')[0] ?? '';
    switch (path) {
      case '/livez':
        return answerFindings(response, 'livez', options.health.liveness());
      case '/readyz':
        return answerFindings(response, 'readyz', options.health.readiness());
      case '/metrics':
        options.registry.metrics().then(
          (text) => answer(response, 200, options.registry.contentType, text),
          (error: unknown) => answer(response, 500, 'text/plain', `${String(error)}\n`),
        );
        return undefined;
      default: {
        const read = options.health.page(path);
        if (read === undefined) return answer(response, 404, 'text/plain', 'try /livez, /readyz or /metrics\n');
        return answer(response, 200, 'application/json', `${JSON.stringify(read(), undefined, 2)}\n`);
      }
    }
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  options.signal.addEventListener(
    'abort',
    () => {
      server.close();
      server.closeAllConnections();
    },
    { once: true },
  );
  return (server.address() as AddressInfo).port;
}

function answerFindings(response: ServerResponse, title: string, findings: readonly Finding[]): void {
  const failed = findings.some(({ why }) => why !== undefined);
  answer(response, failed ? 503 : 200, 'text/plain; charset=utf-8', findingsText(title, findings));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
