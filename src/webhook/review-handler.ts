/** One webhook as an express handler: strict reading, timing, and the answer in the form of AdmissionReview. */
import type { RequestHandler } from 'express';
import { type Answer, reviewOf } from './admission-answer.ts';
import { type AdmissionRequest, parseAdmissionReview } from './admission-review.ts';
import { sendFault } from './http-fault.ts';
import type { WebhookMetrics } from './metrics.ts';

/** Thrown by a webhook that can't answer this request: an HTTP error, which the apiserver treats by `failurePolicy`. */
export class Unanswerable extends Error {
  readonly status: 400 | 422 | 503;

  constructor(status: 400 | 422 | 503, message: string) {
    super(message);
    this.status = status;
  }
}

export type Webhook = (request: AdmissionRequest) => Answer | Promise<Answer>;

/** Wraps a webhook; anything it throws but `Unanswerable` is a defect and becomes a 500 with a reason. */
export function reviewHandler(name: string, webhook: Webhook, metrics: WebhookMetrics): RequestHandler {
  return async (request, response) => {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    const parsed = parseAdmissionReview(request.body);
    if (!parsed.ok) {
      metrics.answered(name, 'malformed', seconds());
      sendFault(response, parsed.error.status, parsed.error.reason);
      return;
    }
    try {
      const answer = await webhook(parsed.value);
      metrics.answered(name, answer.kind, seconds());
      response.json(reviewOf(parsed.value.uid, answer));
    } catch (error) {
      metrics.answered(name, 'failed', seconds());
      if (!(error instanceof Unanswerable)) throw error;
      sendFault(response, error.status, error.message);
    }
  };
}
