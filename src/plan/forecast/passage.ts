/**
 * What a commit passes through. It is applied object by object, and the
 * controller doesn't wait for its end: a Service that waits may be given an
 * address half way, and keeps it then, though the end would give it another
 * one, or none.
 */
import type { Service } from '../../core/api/kubernetes.ts';
import { buildConfiguration } from '../../core/config/build.ts';
import type { RawConfiguration } from '../../core/config/raw-configuration.ts';
import type { ServiceRequest } from '../../core/config/service-request.ts';
import { type Address, type Family, sameAddresses } from '../../core/net/address.ts';
import { decide } from '../../core/policy/decide.ts';
import type { World } from '../../core/policy/world.ts';
import { requestOf } from './request-of.ts';
import type { Passage, Stage } from './simulation.ts';

export interface Commit {
  readonly past: Stage;
  /** Configuration after each change, the last one as it is in the end. */
  readonly steps: readonly RawConfiguration[];
  readonly live: readonly Service[];
  /** With everything applied. */
  readonly world: World;
  readonly families: readonly Family[];
}

/**
 * Those stages between the past and the end in which the address of somebody who is restless would change; namespaces
 * come first. Leaves the ledger with another configuration.
 */
export function passageOf({ past, steps, live, world, families }: Commit): Passage {
  const { ledger, now, namespaceLabels } = world;
  // Without a change of configuration, the labels are the end already.
  if (steps.length === 0) return { stages: [], restless: new Set() };
  ledger.configure(past.configuration, now);
  const restless = live
    .map((service) => requestOf(service, families))
    .filter((request) => !isServed(request, { ...world, ...past }));
  if (restless.length === 0) return { stages: [], restless: new Set() };
  const configurations = [past.configuration, ...steps.slice(0, -1).map(buildConfiguration)];
  const stages = configurations
    .map((configuration): Stage => ({ configuration, namespaceLabels }))
    .filter((stage) => {
      ledger.configure(stage.configuration, now);
      return restless.some((request) => moves(request, { ...world, ...stage }));
    });
  return { stages, restless: new Set(restless.map(({ key }) => key)) };
}

/** Whether a Service has all it asks for, so that nothing but the loss of it changes anything. */
function isServed(request: ServiceRequest, world: World): boolean {
  const decision = decide(request, world);
  return (
    decision.kind === 'assigned' &&
    decision.kept &&
    decision.unmet === undefined &&
    request.held.length >= request.families.length
  );
}

function moves(request: ServiceRequest, world: World): boolean {
  const decision = decide(request, world);
  const wanted: readonly Address[] = decision.kind === 'assigned' ? decision.addresses : [];
  return !sameAddresses(wanted, request.held);
}
