/** The answer of `decide`: which pool and addresses, or why none, and what to do. */
import type { Problem } from '../config/problem.ts';
import type { Address } from '../net/address.ts';

/**
 * Why a Service can't be served. CamelCase of the words the field knows
 * (`no_pool`, `out_of_ips`, …); also the reason of the Allocated condition.
 */
export type RefusalReason =
  | 'NoPool'
  | 'PoolForbidden'
  | 'PoolSelectorMismatch'
  | 'OutOfIPs'
  | 'QuotaExceeded'
  | 'AddressOutsidePools'
  | 'AddressReserved'
  | 'AlreadyAllocated'
  | 'AlreadyAllocatedIncompatibleService'
  | 'FamilyMismatch'
  | 'InvalidRequest';

/** One line of the explanation: which rule was asked, and what it said. */
export interface Step {
  readonly rule:
    | 'existing'
    | 'requested-address'
    | 'requested-pool'
    | 'reservation'
    | 'namespace-label'
    | 'policy'
    | 'service-allocation'
    | 'auto-assign';
  readonly outcome: 'chose' | 'passed' | 'refused';
  readonly sentence: string;
}

/** A pool that was looked at and passed over. */
export interface Candidate {
  readonly pool: string;
  readonly because: string;
}

/** An address of the status that this decision gives up. */
export interface Released {
  readonly address: Address;
  /** Half a sentence that goes on from the address: `lies in no pool`. */
  readonly because: string;
}

export interface Assigned {
  readonly kind: 'assigned';
  readonly pool: string;
  /** One a family that could be served, in the request's family order; what stays as it was keeps the status's order. */
  readonly addresses: readonly Address[];
  /** One sentence, without a full stop. */
  readonly because: string;
  /** Those that the status doesn't hold yet. */
  readonly added: readonly Address[];
  /** The status holds these addresses and no other: nothing changes. */
  readonly kept: boolean;
  readonly released: readonly Released[];
  /** What the Service asks for beside, and can't have; it keeps what it holds. */
  readonly unmet: Refused | Waiting | undefined;
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
}

/** Admitted, and waits in sight: what it needs is absent but may be about to arrive, or its policy says Pend. */
export interface Waiting {
  readonly kind: 'waiting';
  readonly reason: RefusalReason;
  /** The field that could change it, as for a refusal. */
  readonly field: string;
  /** One line that is enough alone; see `core/status`. */
  readonly message: string;
  /** The pool whose arrival or release would end the wait; undefined: any. */
  readonly pool: string | undefined;
  readonly candidates: readonly Candidate[];
  readonly released: readonly Released[];
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
}

export interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  /** The field that must change. */
  readonly field: string;
  /** One line that is enough alone; see `core/status`. */
  readonly message: string;
  readonly candidates: readonly Candidate[];
  readonly problems: readonly Problem[];
  readonly released: readonly Released[];
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
}

export type Decision = Assigned | Waiting | Refused;
