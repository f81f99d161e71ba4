/** Step 4: the label `berth.dev/pool` of the Service's namespace names a pool. No other pool stands in for it. */
import { NAMESPACE_POOL } from '../../api/names.ts';
import { labelNamesPool, namespaceUnknown, noNamespaceLabel } from '../../status/because.ts';
import { type Ask, findPool } from '../ask.ts';
import type { NamedBy } from '../failure.ts';
import { type Answer, passed } from './answer.ts';
import { askOnePool } from './one-pool.ts';

/** The label opens a pool with `autoAssign: false`, but never one whose `serviceAllocation` pins it to others. */
export function namespaceLabel(ask: Ask): Answer {
  const { namespace } = ask.request;
  if (ask.namespaceLabels === undefined) return passed(namespaceUnknown(namespace));
  const pool = Object.hasOwn(ask.namespaceLabels, NAMESPACE_POOL) ? ask.namespaceLabels[NAMESPACE_POOL] : undefined;
  if (pool === undefined || pool === '') return passed(noNamespaceLabel(namespace));
  const namedBy: NamedBy = { kind: 'namespace-label', namespace };
  return askOnePool(ask, pool, findPool(ask, pool), namedBy, labelNamesPool(namespace, pool));
}
