/** What a plan says, as values; the formats make text of it. */
import type { Location, SourceProblem } from '../manifest.ts';
import type { ConfigurationOutlook } from './configuration.ts';

/**
 * `allowed`: admitted, and an address is sure. `waits`: admitted, and no address until something else changes.
 * `unknown`: only the cluster can tell, for the reason given.
 */
export type Answer = 'allowed' | 'waits' | 'refused' | 'unknown';

export interface ServiceOutlook {
  /** `namespace/name`. */
  readonly service: string;
  /** Undefined for one that no manifest has. */
  readonly at: Location | undefined;
  readonly appliedBy: string | undefined;
  readonly change: 'new' | 'changed' | 'unchanged' | 'gone';
  readonly answer: Answer;
  /** Undefined where none is sure. */
  readonly pool: string | undefined;
  /** Sure ones only. */
  readonly addresses: readonly string[];
  /** In place of an address: why it can't be named. */
  readonly open: string | undefined;
  /** What it holds now. */
  readonly before: readonly string[];
  /** Why this pool, or why none; of a refusal the first line of the very message. */
  readonly because: string;
  /** The whole message of a refusal, or of the condition of one that waits. */
  readonly message: string | undefined;
  /** Of the message, what comes before the advice is sure; what is advised depends on the order of creation. */
  readonly adviceOpen: boolean;
  readonly reason: string | undefined;
  readonly warnings: readonly string[];
  /** It has an address now that it won't have afterwards. */
  readonly loses: readonly string[];
}

/** How much of a pool is in use; `undefined` where the pool isn't there at that time. Numbers as text: IPv6 pools are large. */
export interface PoolOutlook {
  readonly pool: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly before: PoolUse | undefined;
  readonly after: PoolUse | undefined;
}

export interface PoolUse {
  readonly used: string;
  readonly reserved: string;
  readonly total: string;
}

export interface QuotaOutlook {
  readonly policy: string;
  readonly namespace: string;
  /** What is counted: `Services`, `addresses`, `IPv4 addresses`, `addresses of pool "x"`. */
  readonly counted: string;
  readonly before: number;
  readonly after: number;
  readonly limit: number;
}

/** A wish for an address that isn't a plain Service: in a chart's values, a Gateway, an operator's template. */
export interface WishOutlook {
  readonly at: Location;
  /** Kind and name of the object that carries it, or the file. */
  readonly in: string;
  /** Path inside of it. */
  readonly path: string;
  readonly addresses: readonly string[];
  readonly pool: string | undefined;
  readonly sharingKey: string | undefined;
  readonly answer: 'allowed' | 'refused' | 'unknown';
  readonly because: string;
}

export interface PlanReport {
  readonly services: readonly ServiceOutlook[];
  readonly configuration: readonly ConfigurationOutlook[];
  readonly pools: readonly PoolOutlook[];
  readonly quotas: readonly QuotaOutlook[];
  readonly wishes: readonly WishOutlook[];
  /** Faults of the files, order traps and advice; by place, then rule. */
  readonly findings: readonly SourceProblem[];
  readonly verdict: 'fine' | 'refused' | 'incomplete';
}
