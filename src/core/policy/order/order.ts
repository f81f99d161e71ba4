/** The order of decision: the first step that says something wins. */
import type { Rule } from './answer.ts';
import { autoAssign } from './auto-assign.ts';
import { namespaceLabel } from './namespace-label.ts';
import { policy } from './policy.ts';
import { requestedAddress } from './requested-address.ts';
import { requestedPool } from './requested-pool.ts';
import { reservation } from './reservation.ts';
import { serviceAllocation } from './service-allocation.ts';

/** What the Service itself asks for, by name. */
export const wishes: readonly Rule[] = [
  { name: 'requested-address', answer: requestedAddress },
  { name: 'requested-pool', answer: requestedPool },
];

/** What the platform says of it. */
export const provisions: readonly Rule[] = [
  { name: 'reservation', answer: reservation },
  { name: 'namespace-label', answer: namespaceLabel },
  { name: 'policy', answer: policy },
  { name: 'service-allocation', answer: serviceAllocation },
  { name: 'auto-assign', answer: autoAssign },
];
