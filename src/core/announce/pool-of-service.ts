/** The pool that an assigned address came from. */
import type { Labels, Service } from '../api/kubernetes.ts';
import { ALLOCATED_FROM_POOL, ALLOCATED_FROM_POOL_LEGACY } from '../api/names.ts';
import type { Pool } from '../config/configuration.ts';
import type { Address } from '../net/address.ts';
import { rangeContains } from '../net/range.ts';

/**
 * The pool that the allocator wrote on the Service, else the one that holds
 * the address; undefined where neither is known: then the address isn't ours
 * to announce. A pool that was deleted or shrunk while in use still counts by
 * its name: an assignment outlives its pool.
 */
export function poolOfService(
  service: Service,
  address: Address,
  pools: ReadonlyMap<string, Pool>,
): { readonly name: string; readonly labels: Labels } | undefined {
  const annotations = service.metadata.annotations ?? {};
  const written = annotations[ALLOCATED_FROM_POOL] ?? annotations[ALLOCATED_FROM_POOL_LEGACY];
  if (written) return pools.get(written) ?? { name: written, labels: {} };
  for (const pool of pools.values()) {
    if (pool.ranges.some((range) => rangeContains(range, address))) return pool;
  }
  return undefined;
}
