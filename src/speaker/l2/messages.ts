/** What the main thread and the Layer 2 worker say to each other. */
import type { CounterDelta } from '../../core/l2/counters.ts';
import type { Report } from '../../core/l2/output.ts';
import type { PlanChange } from '../../core/l2/plan-change.ts';

export interface WorkerSettings {
  readonly node: string;
}

export type ToWorker = { readonly kind: 'plan'; readonly change: PlanChange } | { readonly kind: 'stop' };

export type FromWorker =
  /** Write eight bytes to the descriptor after each message, or the worker sleeps on. */
  | { readonly kind: 'ready'; readonly wakeDescriptor: number }
  /** A message of the main thread was carried out. */
  | { readonly kind: 'planned' }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'counted'; readonly delta: CounterDelta }
  /** An interface on which nothing can be sent or heard, and the errno's name. */
  | { readonly kind: 'trouble'; readonly interface: string; readonly error: string }
  | { readonly kind: 'stopped' };
