/** The webhook's HTTP side: which path is answered by which webhook, and what is turned away before that. */
import express, { type Express } from 'express';
import { CONVERSION_PATH } from '../core/api/names.ts';
import { convertPeers } from './convert-peers.ts';
import { bodyDeadline, type FaultLog, faultHandler, onlyJsonPosts, onlyKnownClients, sendFault } from './http-fault.ts';
import type { WebhookMetrics } from './metrics.ts';
import { reviewHandler, type Webhook } from './review-handler.ts';

export const MUTATE_SERVICE_PATH = '/mutate-service';
export const VALIDATE_SERVICE_PATH = '/validate-service';
export const VALIDATE_CONFIG_PATH = '/validate-config';

/** An UPDATE carries an object twice, and the apiserver takes objects of up to 3 MiB. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const BODY_DEADLINE_MS = 10_000;

export interface AppOptions {
  readonly mutateService: Webhook;
  readonly validateService: Webhook;
  readonly validateConfig: Webhook;
  readonly metrics: WebhookMetrics;
  readonly log: FaultLog;
  /** True where the server asks for client certificates. */
  readonly clientCertificates?: boolean;
  readonly bodyLimitBytes?: number;
  readonly bodyDeadlineMs?: number;
}

/** Builds the express app; it opens no port (see serve.ts). */
export function createApp(options: AppOptions): Express {
  const limit = options.bodyLimitBytes ?? BODY_LIMIT_BYTES;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('case sensitive routing', true);
  if (options.clientCertificates) app.use(onlyKnownClients);
  app.use(
    onlyJsonPosts,
    bodyDeadline(options.bodyDeadlineMs ?? BODY_DEADLINE_MS),
    express.json({ type: 'application/json', limit, inflate: false, strict: true }),
  );
  const { metrics } = options;
  app.post(MUTATE_SERVICE_PATH, reviewHandler('mutate-service', options.mutateService, metrics));
  app.post(VALIDATE_SERVICE_PATH, reviewHandler('validate-service', options.validateService, metrics));
  app.post(VALIDATE_CONFIG_PATH, reviewHandler('validate-config', options.validateConfig, metrics));
  app.post(CONVERSION_PATH, convertPeers);
  app.use((_request, response) => sendFault(response, 404, 'no webhook is answered under this path'));
  app.use(faultHandler(options.log, limit));
  return app;
}
