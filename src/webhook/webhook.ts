/** The webhook as a whole: what it is told of the cluster, and the express app that answers from it. */
import type { Express } from 'express';
import type { RawConfiguration } from '../core/config/raw-configuration.ts';
import type { Family } from '../core/net/address.ts';
import type { World } from '../core/policy/world.ts';
import { allowed } from './admission-answer.ts';
import { createApp } from './app.ts';
import type { Audit } from './audit/audit.ts';
import { validateConfig } from './config/validate.ts';
import type { LiveReads } from './live-reads.ts';
import type { WebhookMetrics } from './metrics.ts';
import { mutateService } from './service/mutate.ts';
import type { ClassRule } from './service/ownership.ts';
import { readServiceReview } from './service/service-review.ts';
import { validateService } from './service/validate.ts';

/** The cluster as a running cache has it; see LiveWorld. */
export interface ClusterView {
  /** Undefined as long as the cache isn't complete. */
  world(): World | undefined;
  /** The configuration objects as they are stored. */
  raw(): RawConfiguration;
  /** Primary first. */
  clusterFamilies(): readonly Family[];
}

export interface WebhookLog {
  warn(values: object, message: string): void;
  error(values: object, message: string): void;
}

export interface WebhookOptions {
  readonly view: ClusterView;
  readonly reads: LiveReads;
  readonly audit: Audit;
  readonly metrics: WebhookMetrics;
  readonly log: WebhookLog;
  /** Berth's own namespace. */
  readonly namespace: string;
  readonly classRule: ClassRule;
  readonly clientCertificates?: boolean;
  /** How long a refusal may wait for its confirmation. */
  readonly confirmWithinMs?: number;
}

/** The apiserver gives up on the webhook for Services after 5 s: this leaves time to say why it was admitted. */
const CONFIRM_WITHIN_MS = 3_000;

/** Builds the webhook's app; `serveWebhook` opens its port. */
export function createWebhook(options: WebhookOptions): Express {
  const { view, reads, audit, metrics, log, namespace, classRule, clientCertificates = false } = options;
  const confirmWithinMs = options.confirmWithinMs ?? CONFIRM_WITHIN_MS;
  const shared = { world: () => view.world(), reads, audit, metrics, log, confirmWithinMs };
  return createApp({
    mutateService: (request) => {
      const review = readServiceReview(request);
      if (!review) return allowed;
      return mutateService(review, { world: view.world(), clusterFamilies: view.clusterFamilies(), classRule });
    },
    validateService: (request) => validateService(request, { ...shared, classRule }),
    validateConfig: (request) => validateConfig(request, { ...shared, raw: () => view.raw(), namespace }),
    metrics,
    log,
    clientCertificates,
  });
}
