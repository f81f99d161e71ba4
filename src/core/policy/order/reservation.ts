/** Step 3: an address is kept for this Service, or for its namespace. */
import { nothingReserved, reservedFor, reservedNotUsable } from '../../status/because.ts';
import { type Trial, tryPool } from '../allocate.ts';
import type { Ask } from '../ask.ts';
import { type Answer, passed } from './answer.ts';

/**
 * Takes the first pool, by name, with a free address that is kept for the
 * Service itself, else one for its namespace. A reservation is the platform's
 * own word: neither `autoAssign` nor `serviceAllocation` of the pool is asked.
 * What is kept and can't be had (a quota, a family that is wanted beside) is
 * said, and the next step is asked.
 */
export function reservation(ask: Ask): Answer {
  const { ledger, now } = ask.world;
  const { namespace, name } = ask.request;
  const trials = ledger
    .poolsReservedFor(namespace, name, now)
    .filter((pool) => !pool.deleting)
    .map((pool) => tryPool(ask, pool))
    .map((trial) => ({ trial, by: byName(ask, trial) }));
  const [best] = trials.filter(({ by }) => by !== undefined).sort((a, b) => Number(b.by?.exact) - Number(a.by?.exact));
  if (best?.by !== undefined) {
    const { pool, addresses } = best.trial;
    return { kind: 'chose', pool: pool.name, addresses, because: reservedFor(best.by, pool.name), tried: [] };
  }
  if (trials.length === 0) return passed(nothingReserved());
  const tried = trials.flatMap(({ trial }) =>
    trial.passed === undefined ? [] : [{ pool: trial.pool.name, passed: trial.passed }],
  );
  return passed(reservedNotUsable(tried), tried);
}

/** The reservation that one of the addresses comes from; `exact` where it names the Service. */
function byName(
  ask: Ask,
  trial: Trial,
): { readonly reservation: string; readonly exact: boolean; readonly address: Trial['addresses'][number] } | undefined {
  const { ledger, now } = ask.world;
  const { namespace, name } = ask.request;
  const found = trial.addresses.flatMap((address) =>
    ledger
      .reservationsAt(address, now)
      .filter((each) => each.namespace === namespace && (each.service === undefined || each.service === name))
      .map((each) => ({ reservation: each.name, exact: each.service === name, address })),
  );
  return found.find(({ exact }) => exact) ?? found[0];
}
