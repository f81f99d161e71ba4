import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { metricNames } from '../telemetry/metric-names.ts';
import { notAfter } from '../webhook/certificates/inspect.ts';
import type { ServingCertificate } from '../webhook/certificates/serving.ts';
import type { WebhookMetrics } from '../webhook/metrics.ts';

/** Binds what the webhook counts to this process's registry. */
export function admissionMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const decisions = new Counter({
    name: metricNames.admissionDecisions,
    help: 'Admission reviews answered, by webhook, outcome and, for a refused object, reason',
    labelNames: ['webhook', 'outcome', 'reason'],
    registers,
  });
  const seconds = new Histogram({
    name: metricNames.admissionSeconds,
    help: 'Time to answer an admission review',
    labelNames: ['webhook'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers,
  });
  return {
    answered(webhook, outcome, took) {
      if (outcome !== 'denied') decisions.inc({ webhook, outcome, reason: '' });
      seconds.observe({ webhook }, took);
    },
    overturned: (reason, why) => decisions.inc({ webhook: 'validate-service', outcome: why, reason }),
    refused: (webhook, reason) => decisions.inc({ webhook, outcome: 'denied', reason }),
  };
}

/** When the served certificate ends, in seconds of the epoch. */
export function certificateMetrics(registry: Registry, serving: ServingCertificate): void {
  const expiry = new Gauge({
    name: metricNames.certificateExpiry,
    help: 'When the certificate that the webhook serves ends',
    registers: [registry],
  });
  serving.subscribe(({ certificate }) => {
    const end = notAfter(certificate);
    if (end !== undefined) expiry.set(end / 1000);
  });
}
