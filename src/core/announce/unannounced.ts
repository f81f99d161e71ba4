/**
 * Which addresses of a Service were given to it and announced by nobody yet,
 * as an annotation of the Service tells. It stands from the assignment to the
 * first announcement, so that the next leader knows too; what isn't listed
 * may have been used by clients, and is never taken away.
 */
import type { Service } from '../api/kubernetes.ts';
import { UNANNOUNCED } from '../api/names.ts';
import type { Pool } from '../config/configuration.ts';
import { formatAddress } from '../net/address.ts';
import type { Assigned } from '../policy/decision.ts';
import type { AnnouncedAddress } from '../status/announced.ts';

type Known = Pick<AnnouncedAddress, 'address' | 'announcer'>;

/** As text, as they were written. */
export function readUnannounced({ metadata: { annotations = {} } }: Service): readonly string[] {
  return (annotations[UNANNOUNCED] ?? '').split(',').filter((each) => each !== '');
}

/** The list as it should be: what somebody answers for goes, for good. */
export function stillUnannounced(service: Service, addresses: readonly Known[]): readonly string[] {
  const silent = addresses.filter(({ announcer }) => announcer === undefined).map(({ address }) => address);
  return readUnannounced(service).filter((each) => silent.includes(each));
}

/** The list after an assignment: what it adds from a pool that says Move, and what it leaves of the list. */
export function unannouncedAfter(
  service: Service,
  { addresses, added }: Assigned,
  pool: Pool | undefined,
): readonly string[] {
  const fresh = pool?.onConflict === 'Move' ? added.map(formatAddress) : [];
  const listed = readUnannounced(service);
  return addresses.map(formatAddress).filter((each) => fresh.includes(each) || listed.includes(each));
}
