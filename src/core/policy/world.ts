/** All that a decision reads, at one instant. */
import type { Labels } from '../api/kubernetes.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Ledger } from '../ipam/ledger.ts';
import type { Millis } from '../time.ts';

export interface World {
  readonly configuration: Configuration;
  /** Who holds which address; `decide` only reads it. */
  readonly ledger: Ledger;
  /** Undefined where the namespace isn't known: then every namespace selector fails closed. */
  namespaceLabels(name: string): Labels | undefined;
  readonly now: Millis;
}
