/** Whether a pool's `serviceAllocation` lets a Service in: by name, and by itself. */
import type { Pool } from '../config/configuration.ts';
import { formatSelector, matches } from '../config/selector.ts';
import type { Ask } from './ask.ts';
import type { Pinned } from './failure.ts';

/**
 * How the pool shuts the Service out; undefined: it may ask for the pool by
 * name. Namespaces and namespace selectors are one list (any of them), Service
 * selectors another; where both are given, both must hold. A namespace that
 * isn't known matches no selector: fail closed.
 */
export function shutOut(pool: Pool, ask: Ask): Pinned | undefined {
  const allocation = pool.serviceAllocation;
  if (allocation === undefined) return undefined;
  const { namespaces, namespaceSelectors, serviceSelectors } = allocation;
  if (namespaces.length + namespaceSelectors.length > 0) {
    const open =
      namespaces.includes(ask.request.namespace) ||
      namespaceSelectors.some((selector) => matches(selector, ask.namespaceLabels));
    if (!open) return { by: 'namespace', wanted: '' };
  }
  if (serviceSelectors.length > 0 && !serviceSelectors.some((selector) => matches(selector, ask.request.labels))) {
    return { by: 'labels', wanted: serviceSelectors.map(formatSelector).join(' or ') };
  }
  return undefined;
}

/**
 * Whether the pool is pinned to anybody. A `serviceAllocation` with a priority
 * and nothing else pins to nobody: such a pool is given by name only, as in
 * MetalLB.
 */
export function pinsSomebody(pool: Pool): boolean {
  const allocation = pool.serviceAllocation;
  if (allocation === undefined) return false;
  return allocation.namespaces.length + allocation.namespaceSelectors.length + allocation.serviceSelectors.length > 0;
}
