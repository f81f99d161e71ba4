/** What the main thread and the Layer 2 worker say to each other. */
import type { CounterDelta } from '../../core/l2/counters.ts';
import type { Layer2Output } from '../../core/l2/layer2.ts';
import type { Report } from '../../core/l2/output.ts';
import type { PlanChange } from '../../core/l2/plan-change.ts';
import type { Address } from '../../core/net/address.ts';

export interface WorkerSettings {
  readonly node: string;
  /** Undefined: speakers don't hear each other. */
  readonly membership: { readonly port: number; readonly keys: readonly Uint8Array[] } | undefined;
}

export interface Member {
  readonly node: string;
  readonly address: Address;
}

export type ToWorker =
  | { readonly kind: 'plan'; readonly change: PlanChange }
  /** The nodes of the cluster, this one included or not. */
  | { readonly kind: 'members'; readonly members: readonly Member[] }
  /** The first one seals, each of them opens. */
  | { readonly kind: 'keys'; readonly keys: readonly Uint8Array[] }
  /** Hand over, say goodbye, end. */
  | { readonly kind: 'stop' };

export type FromWorker =
  /** Write eight bytes to the descriptor after each message, or the worker sleeps on. */
  | { readonly kind: 'ready'; readonly wakeDescriptor: number }
  /** A plan was carried out. */
  | { readonly kind: 'planned' }
  | { readonly kind: 'report'; readonly report: Report }
  | Extract<Layer2Output, { kind: 'verdict' }>
  | { readonly kind: 'counted'; readonly delta: CounterDelta }
  /** The worker stood still for so long. */
  | { readonly kind: 'stalled'; readonly ms: number }
  /** An interface on which nothing can be sent or heard, and the errno's name. */
  | { readonly kind: 'trouble'; readonly interface: string; readonly error: string }
  | { readonly kind: 'stopped' };
