/** The load balancer class of this install, and to whom it is given. */
import type { Service } from '../../core/api/kubernetes.ts';

export interface ClassRule {
  /** The `spec.loadBalancerClass` that is Berth's; undefined: Services without one are. */
  readonly own: string | undefined;
  /** Give new LoadBalancer Services without a class ours; only where `own` is a class. */
  readonly assign: boolean;
}

/**
 * The class to give to a Service: only where the install asks for it, the Service has none, and it becomes a
 * LoadBalancer with this very request; later the apiserver lets nobody change it.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-class
 */
export function classToAssign(service: Service, old: Service | undefined, rule: ClassRule): string | undefined {
  if (!rule.assign || rule.own === undefined || service.spec.type !== 'LoadBalancer') return undefined;
  if (service.spec.loadBalancerClass || old?.spec.type === 'LoadBalancer') return undefined;
  return rule.own;
}
