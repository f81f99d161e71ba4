/** Events on a Service: written on a change, never on a pass that changes nothing. */
import type { Condition } from '../api/kubernetes.ts';
import type { Conflict } from '../ipam/ledger.ts';
import { type Address, formatAddress } from '../net/address.ts';
import type { Assigned, Decision, Released } from '../policy/decision.ts';
import { givenUp } from './because.ts';
import { assignedHead } from './conditions.ts';
import { addresses, inOneLine, quote } from './text.ts';

export interface Event {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** At most 1024 characters, as events.k8s.io/v1 allows. */
  readonly message: string;
}

/**
 * What happened to the Service by this decision; undefined where nothing did.
 *
 * @param previous The Allocated condition before, and `next` the one after: a
 *   wait or refusal is told once, not on every pass.
 */
export function decisionEvent(decision: Decision, previous: Condition | undefined, next: Condition): Event | undefined {
  const told = previous?.reason === next.reason && gist(previous.message) === gist(next.message);
  switch (decision.kind) {
    case 'assigned':
      if (!decision.kept) return changeEvent(decision);
      return decision.unmet === undefined || told ? undefined : warning(decision.unmet.reason, next.message);
    case 'waiting':
    case 'refused':
      return told ? undefined : warning(decision.reason, withReleased(decision.message, decision.released));
  }
}

function changeEvent(decision: Assigned): Event {
  const { released, added } = decision;
  if (released.length === 0) return normal('IPAllocated', `${assignedHead(decision)}: ${decision.because}`);
  const reasons = new Set(released.map(({ because }) => because).filter((because) => because !== givenUp()));
  const gone = [...reasons].map((because) => `it ${because}`);
  const from = addresses(released.map(({ address }) => address));
  const fresh = `${addresses(decision.addresses)} of pool ${quote(decision.pool)}`;
  if (added.length === 0)
    return normal('IPReleased', `Released ${from}: ${inOneLine(gone)}; the Service keeps ${fresh}`);
  return normal('IPReplaced', `Replaced ${from} by ${fresh}: ${inOneLine([...gone, decision.because])}`);
}

/** A message without its numbers and its remedy: what may change from pass to pass while nothing happens. */
function gist(message: string): string {
  return message
    .split('; ', 1)[0]!
    .replace(/ \([^)]*\)/g, '')
    .replace(/\d+ of \d+/g, '#');
}

function withReleased(message: string, released: readonly Released[]): string {
  if (released.length === 0) return message;
  const gone = released.map(({ address, because }) => `${formatAddress(address)} ${because}`);
  return `${inOneLine(gone)}. ${message}`;
}

/** What both Services on one address are told. */
export function conflictEvent({ address, keeper, loser }: Conflict): Event {
  return warning(
    'AddressConflict',
    `${formatAddress(address)} is held by ${keeper.key} and ${loser.key}, which may not share it; ${keeper.key} is older and keeps it`,
  );
}

/** A Service that stopped being one of ours gave its addresses back. */
export function releasedEvent(given: readonly Address[], pool: string): Event {
  return normal(
    'IPReleased',
    `Released ${addresses(given)} of pool ${quote(pool)}: the Service no longer asks for a load balancer`,
  );
}

function normal(reason: string, message: string): Event {
  return { type: 'Normal', reason, message: cut(message) };
}

function warning(reason: string, message: string): Event {
  return { type: 'Warning', reason, message: cut(message) };
}

const LIMIT = 1024;

function cut(message: string): string {
  return message.length <= LIMIT ? message : `${message.slice(0, LIMIT - 1)}…`;
}
