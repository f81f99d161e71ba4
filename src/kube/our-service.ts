/** Which Services are ours to serve. */
import type { Service } from '../core/api/kubernetes.ts';

/**
 * Whether a Service asks for a load balancer of our class. Without a class of
 * our own, those that name none; with one, only those that name it (MetalLB's
 * rule for --lb-class). All others belong to somebody else and are never touched.
 */
export function isOurs(service: Service, ownClass: string | undefined): boolean {
  return service.spec.type === 'LoadBalancer' && (service.spec.loadBalancerClass || undefined) === ownClass;
}
