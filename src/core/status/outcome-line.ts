/** The last line of an explanation. */
import type { Decision, Refused, Waiting } from '../policy/decision.ts';
import { addresses, quote } from './text.ts';

export function outcomeLine(decision: Decision): string {
  switch (decision.kind) {
    case 'assigned': {
      const unmet = decision.unmet === undefined ? '' : `, but ${decision.unmet.reason}${unsaid(decision.unmet)}`;
      return `= ${addresses(decision.addresses)} from pool ${quote(decision.pool)}${unmet}`;
    }
    case 'waiting':
      return `= waits: ${decision.reason}${unsaid(decision)}`;
    case 'refused':
      return `= refused: ${decision.reason}${unsaid(decision)}`;
  }
}

/** The message, where no step has said it. */
function unsaid({ message, steps }: Waiting | Refused): string {
  return steps.some(({ sentence }) => sentence === message) ? '' : `: ${message}`;
}
