/** The webhook's TLS server: certificates exchanged while it runs, slow clients bounded, an end without a lost request. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import type { ServingCertificate } from './certificates/serving.ts';

/** The apiserver keeps connections for 90 s of idleness (Go's default transport); it must be the one to close them. */
const KEEP_ALIVE_MS = 95_000;
/** Above the keep-alive: the apiserver may open a connection and use it only later. */
const HEADERS_MS = 100_000;
const REQUEST_MS = 110_000;
const HANDSHAKE_MS = 10_000;
/** For as long the apiserver may still send requests here after the pod has begun to stop. */
const DRAIN_MS = 5_000;
/** After the drain, requests under way have this long. */
const CLOSE_MS = 10_000;
const MAX_CONNECTIONS = 2_000;

export interface ServeOptions {
  readonly app: Express;
  readonly serving: ServingCertificate;
  /** 0 for any free one. */
  readonly port: number;
  readonly host?: string;
  /** PEM of the authority that signs the apiserver's client certificate; undefined: none is asked for. */
  readonly clientAuthority?: string | undefined;
  readonly drainMs?: number;
  readonly signal: AbortSignal;
}

export interface RunningWebhook {
  readonly port: number;
  /** Resolves when the server has ended after `signal`. */
  readonly closed: Promise<void>;
}

/**
 * Waits for the first certificate, then listens; resolves when the port is open.
 *
 * @throws Error where the port can't be opened, or `signal` is aborted before there is a certificate.
 */
export async function serveWebhook(options: ServeOptions): Promise<RunningWebhook> {
  const { app, serving, signal } = options;
  await firstCertificate(serving, signal);
  const draining = { now: false };
  const server = createServer(
    {
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 5_000,
      requestCert: options.clientAuthority !== undefined,
      // Who comes without a certificate is told so in HTTP (see onlyKnownClients).
      rejectUnauthorized: false,
    },
    (request, response) => {
      if (draining.now) response.setHeader('Connection', 'close');
      app(request, response);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const unsubscribe = serving.subscribe(({ certificate, key }) => {
    const { clientAuthority } = options;
    server.setSecureContext({
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      ...(clientAuthority === undefined ? {} : { ca: clientAuthority }),
    });
  });
  await listen(server, options.port, options.host);
  const closed = drainOnAbort(server, draining, options.drainMs ?? DRAIN_MS, signal).finally(unsubscribe);
  return { port: (server.address() as AddressInfo).port, closed };
}

async function firstCertificate(serving: ServingCertificate, signal: AbortSignal): Promise<void> {
  if (serving.pair) return;
  const first = Promise.withResolvers<void>();
  const unsubscribe = serving.subscribe(() => first.resolve());
  const abort = (): void => first.reject(new Error('stopped before the webhook had a certificate'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await first.promise;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', abort);
  }
}

async function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  const listening = Promise.withResolvers<void>();
  const refuse = (error: Error): void =>
    listening.reject(new Error(`Cannot open the webhook's port ${port}: ${error.message}`, { cause: error }));
  server.once('error', refuse);
  // Without a host Node listens on both families, or on IPv4 alone where the machine has no IPv6.
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
    server.off('error', refuse);
    listening.resolve();
  });
  await listening.promise;
}

/**
 * Goes on answering while the apiserver still finds this pod among the Service's endpoints, asking each
 * connection to close after its answer; then stops.
 */
async function drainOnAbort(
  server: Server,
  draining: { now: boolean },
  drainMs: number,
  signal: AbortSignal,
): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  if (signal.aborted) aborted.resolve();
  await aborted.promise;
  draining.now = true;
  await sleep(drainMs);
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  server.closeIdleConnections();
  await closed;
  clearTimeout(force);
}
