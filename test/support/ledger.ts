/** Short ways to write the ledger's facts in tests and benchmarks. */
import {
  type Configuration,
  EMPTY_CONFIGURATION,
  type Pool,
  type Reservation,
} from '../../src/core/config/configuration.ts';
import type { Port } from '../../src/core/config/service-request.ts';
import type { Claim } from '../../src/core/ipam/ledger.ts';
import { type Address, parseAddress } from '../../src/core/net/address.ts';
import { compareRanges, parseRange, type Range } from '../../src/core/net/range.ts';

/** An address from its text; malformed text is a fault of the test. */
export function address(text: string): Address {
  const read = parseAddress(text);
  if (!read.ok) throw new Error(`${text}: ${read.error}`);
  return read.value;
}

/** A range from its text; malformed text is a fault of the test. */
export function range(text: string): Range {
  const read = parseRange(text);
  if (!read.ok) throw new Error(`${text}: ${read.error}`);
  return read.value.range;
}

/** A pool that is open to all. */
export function pool(name: string, ranges: readonly string[], more: Partial<Pool> = {}): Pool {
  const parsed = ranges.map(range).sort(compareRanges);
  return {
    name,
    labels: {},
    ranges: parsed,
    families: [...new Set(parsed.map(({ family }) => family))],
    autoAssign: true,
    avoidBuggyIPs: false,
    serviceAllocation: undefined,
    onConflict: 'Defend',
    generation: 1,
    deleting: false,
    ...more,
  };
}

/** A reservation for `namespace` or `namespace/name`; with `until` it is a hold-down. */
export function reservation(name: string, owner: string, ranges: readonly string[], until?: number): Reservation {
  const [namespace = '', service] = owner.split('/');
  return {
    name,
    namespace,
    service,
    ranges: ranges.map(range),
    expiresAt: until,
    holdDown: until !== undefined,
    contestedBy: undefined,
  };
}

export function configuration(pools: readonly Pool[], reservations: readonly Reservation[] = []): Configuration {
  return { ...EMPTY_CONFIGURATION, pools: new Map(pools.map((one) => [one.name, one])), reservations };
}

/** A claim by `namespace/name`, on TCP 80 and without a sharing key unless told otherwise. */
export function claim(key: string, addresses: readonly (string | Address)[], more: Partial<Claim> = {}): Claim {
  const [namespace = '', name = ''] = key.split('/');
  return {
    key,
    namespace,
    name,
    uid: `uid of ${key}`,
    createdAt: '2026-01-01T00:00:00Z',
    addresses: addresses.map((one) => (typeof one === 'string' ? address(one) : one)),
    pool: undefined,
    sharingKey: undefined,
    ports: [port('TCP', 80)],
    trafficPolicy: 'Cluster',
    backends: 'app=web',
    ...more,
  };
}

export function port(protocol: Port['protocol'], number: number): Port {
  return { protocol, port: number };
}
