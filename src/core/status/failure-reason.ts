/** The word that scripts look for in a refusal, and the field whose change would help. */
import { ADDRESS_POOL } from '../api/names.ts';
import { annotationPath } from '../config/annotation.ts';
import type { RefusalReason } from '../policy/decision.ts';
import type { Failure, NamedBy } from '../policy/failure.ts';
import { noneServesField, noneServesReason } from './none-serves.ts';

/** CamelCase of the field's own words: `out_of_ips`, `already_allocated` and so on. */
export function failureReason(failure: Failure): RefusalReason {
  switch (failure.kind) {
    case 'invalid-request':
    case 'addresses-apart':
    case 'pool-contradicts-address':
      return 'InvalidRequest';
    case 'one-family-only':
    case 'address-family':
    case 'address-missing':
      return 'FamilyMismatch';
    case 'address-outside':
    case 'address-avoided':
      return 'AddressOutsidePools';
    case 'address-reserved':
      return 'AddressReserved';
    case 'address-taken':
      return 'AlreadyAllocated';
    case 'address-incompatible':
      return 'AlreadyAllocatedIncompatibleService';
    case 'pool-absent':
    case 'no-pools':
      return 'NoPool';
    case 'pool-forbidden':
      return 'PoolForbidden';
    case 'none-open':
      return 'PoolSelectorMismatch';
    case 'none-serves':
      return noneServesReason(failure);
  }
}

/** Path of the field whose change would help. */
export function failureField(failure: Failure): string {
  switch (failure.kind) {
    case 'invalid-request':
      return failure.problems[0]?.path ?? 'spec';
    case 'one-family-only':
      return 'spec.ipFamilyPolicy';
    case 'address-family':
    case 'address-missing':
    case 'address-outside':
    case 'address-avoided':
    case 'addresses-apart':
    case 'address-reserved':
    case 'address-taken':
    case 'address-incompatible':
      return failure.field;
    case 'pool-contradicts-address':
      return failure.namedFrom;
    case 'pool-absent':
    case 'pool-forbidden':
      return namedField(failure.namedBy);
    case 'no-pools':
    case 'none-open':
      return annotationPath(ADDRESS_POOL);
    case 'none-serves':
      return noneServesField(failure, namedField(failure.namedBy));
  }
}

function namedField(namedBy: NamedBy): string {
  switch (namedBy.kind) {
    case 'annotation':
    case 'address':
      return namedBy.path;
    case 'held':
      return 'spec.ipFamilyPolicy';
    case 'namespace-label':
    case 'policy':
    case 'nobody':
      return annotationPath(ADDRESS_POOL);
  }
}
