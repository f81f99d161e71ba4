/**
 * The one decision: webhook, reconciler, plan and explain call it, and so can't
 * disagree. Pure: it reads the world and changes nothing, so a dry run and a
 * real run answer alike.
 */
import type { ServiceRequest } from '../config/service-request.ts';
import { sameAddresses } from '../net/address.ts';
import { type Ask, askOf } from './ask.ts';
import { begin } from './begin.ts';
import type { Decision } from './decision.ts';
import { type Holding, holdingOf } from './existing.ts';
import { stay } from './stay.ts';
import type { World } from './world.ts';

/**
 * Which pool and addresses a Service gets, or why none and what to do. What it
 * holds already goes before every rule; see `order/order.ts` for the rest.
 */
export function decide(request: ServiceRequest, world: World): Decision {
  return answerTo(askOf(request, world));
}

export function answerTo(ask: Ask): Decision {
  const holding = holdingOf(ask);
  if (holding.kept.length === 0) return begin(ask, holding);
  return confirmed(ask, holding) ?? stay(ask, holding);
}

/**
 * An address that is claimed, and not in the status yet: where the rules give
 * it once more, they also say why, which the claim doesn't.
 */
function confirmed(ask: Ask, holding: Holding): Decision | undefined {
  if (ask.request.held.length > 0) return undefined;
  const again = begin(ask, holding);
  return again.kind === 'assigned' && sameAddresses(again.addresses, holding.kept) ? again : undefined;
}
