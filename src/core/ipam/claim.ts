/** Who holds which addresses, and who asks for some. */
import type { Port } from '../config/service-request.ts';
import type { Address } from '../net/address.ts';

/** The addresses of one Service, with all that decides whether others may share them. */
export interface Claim {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** RFC 3339 in UTC as the apiserver writes it, or '' for an object not created yet. */
  readonly createdAt: string;
  readonly addresses: readonly Address[];
  /** The pool that it was assigned from; undefined where nobody wrote it down. */
  readonly pool: string | undefined;
  readonly sharingKey: string | undefined;
  readonly ports: readonly Port[];
  readonly trafficPolicy: 'Cluster' | 'Local';
  /** Equal text means equal backends; '' is equal to nothing. */
  readonly backends: string;
}

/** A Service that asks: a claim before it has addresses. */
export type Claimant = Omit<Claim, 'addresses' | 'pool'>;

/** The elder first: by creation, then by key; an object not created yet is the youngest. */
export function compareAge(a: Claimant, b: Claimant): number {
  if (a.createdAt !== b.createdAt) {
    if (a.createdAt === '') return 1;
    if (b.createdAt === '') return -1;
    return a.createdAt < b.createdAt ? -1 : 1;
  }
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
