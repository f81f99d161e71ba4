/** What is counted of the webhook's work; bound to prom-client by the role that starts it. */

export interface WebhookMetrics {
  /** One review was answered: by which webhook, how, and after how many seconds. */
  answered(webhook: string, outcome: 'allowed' | 'denied' | 'malformed' | 'failed', seconds: number): void;
  /** A refusal was found to be stale by a live read, or could not be confirmed, and the object was admitted. */
  overturned(reason: string, why: 'stale' | 'unconfirmed'): void;
  /** An object was refused: by which webhook, and why. */
  refused(webhook: 'validate-service' | 'validate-config', reason: string): void;
}
