/** The last line of an explanation. */
import type { Decision } from '../policy/decision.ts';
import { addresses, quote } from './text.ts';

export function outcomeLine(decision: Decision): string {
  switch (decision.kind) {
    case 'assigned': {
      const unmet = decision.unmet === undefined ? '' : `; ${decision.unmet.message}`;
      return `= ${addresses(decision.addresses)} from pool ${quote(decision.pool)}${unmet}`;
    }
    case 'waiting':
      return `= waits (${decision.reason}): ${decision.message}`;
    case 'refused':
      return `= refused (${decision.reason}): ${decision.message}`;
  }
}
