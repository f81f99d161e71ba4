/** What an UPDATE may change: refused is only what the update itself breaks. */
import type { ServiceRequest } from '../config/service-request.ts';
import { type Address, isOneOf, sameAddress, without } from '../net/address.ts';
import { refusalSentence } from '../status/refusal.ts';
import { type Ask, askOf } from './ask.ts';
import { answerTo } from './decide.ts';
import type { Decision, Refused, Waiting } from './decision.ts';
import { type ClashOn, clashesOn } from './existing.ts';
import { clashFailure } from './obstacle.ts';
import { refusedOrWaiting } from './outcome.ts';
import type { World } from './world.ts';

/**
 * The decision on a Service as it is after an update. `refused` only where the
 * update changes something that Berth reads and its author owns, and the fault
 * wasn't there before: labels, finalizers and status of a Service that is
 * already wrong can always be changed.
 */
export function decideUpdate(previous: ServiceRequest, request: ServiceRequest, world: World): Decision {
  const ask = askOf(request, world);
  const decision = answerTo(ask);
  if (sameWishes(previous, request)) return letPass(decision);
  const before = askOf(previous, world);
  const clash = newClash(before, ask, decision);
  if (clash !== undefined) return refuseClash(ask, clash, decision);
  const fault = faultOf(decision);
  if (fault?.kind !== 'refused') return decision;
  return sameFault(faultOf(answerTo(before)), fault) ? letPass(decision) : { ...fault, steps: decision.steps };
}

/** Everything that an author says and Berth decides by; labels and category aside, which may always change. */
function sameWishes(a: ServiceRequest, b: ServiceRequest): boolean {
  return wishText(a) === wishText(b);
}

function wishText(request: ServiceRequest): string {
  const { families, familyPolicy, requestedAddressesFrom, requestedPool, sharingKey, trafficPolicy, backends } =
    request;
  const addresses = request.requestedAddresses.map(({ family, value }) => `${family} ${value}`);
  const ports = request.ports.map(({ protocol, port }) => `${protocol} ${port}`).sort();
  const problems = request.problems.map(({ severity, path, value }) => [severity, path, value]);
  return JSON.stringify([
    [families, familyPolicy, addresses, requestedAddressesFrom, requestedPool],
    [sharingKey, ports, trafficPolicy, backends, problems],
  ]);
}

/** A Service that this one could stand beside until now, on an address that it doesn't leave by its own wish. */
function newClash(before: Ask, after: Ask, decision: Decision): ClashOn | undefined {
  const old = before.held.flatMap((address) => clashesOn(before, address));
  return after.held
    .filter((address) => !leaves(before, after, decision, address))
    .flatMap((address) => clashesOn(after, address))
    .find((found) => !old.some((each) => covers(each, found)));
}

/** A clash that was there before, and no milder than the one that is there now. */
function covers(old: ClashOn, found: ClashOn): boolean {
  if (old.holder.key !== found.holder.key || !sameAddress(old.address, found.address)) return false;
  return old.hard || !found.hard;
}

function leaves(before: Ask, after: Ask, decision: Decision, address: Address): boolean {
  if (decision.kind !== 'assigned' || isOneOf(address, decision.addresses)) return false;
  const [was, is] = [before.request, after.request];
  return (
    !after.families.includes(address.family) ||
    was.requestedPool !== is.requestedPool ||
    without(is.requestedAddresses, was.requestedAddresses).length > 0
  );
}

function refuseClash(ask: Ask, found: ClashOn, decision: Decision): Refused | Waiting {
  const failure = clashFailure(ask, found);
  const step = { rule: 'existing', outcome: 'refused', sentence: refusalSentence(failure) } as const;
  const steps = [step, ...decision.steps];
  return refusedOrWaiting(ask, { kind: 'failed', failure, tried: [] }, { released: [], steps });
}

function faultOf(decision: Decision): Refused | Waiting | undefined {
  return decision.kind === 'assigned' ? decision.unmet : decision;
}

function sameFault(before: Refused | Waiting | undefined, after: Refused): boolean {
  return before?.reason === after.reason && before.message === after.message;
}

/** A fault that was there before is said, and let pass. */
function letPass(decision: Decision): Decision {
  const fault = faultOf(decision);
  if (fault?.kind !== 'refused') return decision;
  if (decision.kind === 'assigned') return { ...decision, warnings: [...decision.warnings, fault.message] };
  const { problems: _problems, warnings, ...rest } = fault;
  return { ...rest, kind: 'waiting', pool: undefined, warnings: [...warnings, fault.message] };
}
