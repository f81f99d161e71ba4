/**
 * The two grounds that the same test bodies run on: engines on a simulated
 * wire with a clock of numbers, and the real worker on real namespaces.
 */
import type { PlannedAddress } from '../../src/core/announce/plan.ts';
import type { Report } from '../../src/core/l2/output.ts';
import { parseAddress } from '../../src/core/net/address.ts';
import type { Mac } from '../../src/core/net/mac.ts';

export const NODE = 'node-a';

/** A station that sends what it is told and keeps what it hears. */
export interface Station {
  readonly mac: Mac;
  send(frame: Uint8Array): void;
  /** Frames heard so far, oldest first. */
  readonly heard: readonly Uint8Array[];
  /** Waits until a frame that was heard satisfies; a generous limit ends it with an error that names `what`. */
  hear(what: string, satisfies: (frame: Uint8Array) => boolean): Promise<Uint8Array>;
}

export interface Ground extends AsyncDisposable {
  /** The hardware address of the node's interface. */
  readonly nodeMac: Mac;
  readonly station: Station;
  readonly reports: readonly Report[];
  plan(change: { readonly set?: readonly PlannedAddress[]; readonly remove?: readonly string[] }): Promise<void>;
  /** Waits until a report satisfies. */
  report(what: string, satisfies: (report: Report) => boolean): Promise<Report>;
}

/** An address for which the node is the only candidate. */
export function planned(text: string, over: Partial<PlannedAddress> = {}): PlannedAddress {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(`${text}: ${address.error}`);
  return {
    address: address.value,
    services: ['shop/web'],
    pool: 'edge',
    onConflict: 'Defend',
    candidates: [{ node: NODE, tier: 0, weight: 0, interfaces: [] }],
    standings: new Map(),
    ...over,
  };
}
