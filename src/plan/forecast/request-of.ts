/** What a Service asks for, read once: a plan looks at each many times. */
import type { Service } from '../../core/api/kubernetes.ts';
import { parseService } from '../../core/config/service.ts';
import type { ServiceRequest } from '../../core/config/service-request.ts';
import type { Family } from '../../core/net/address.ts';

interface Known {
  readonly families: string;
  readonly request: ServiceRequest;
}

// A pure function's memory: a Service is never changed, only replaced.
const known = new WeakMap<Service, Known>();

export function requestOf(service: Service, families: readonly Family[]): ServiceRequest {
  const name = families.join();
  const found = known.get(service);
  if (found?.families === name) return found.request;
  const request = parseService(service, families);
  known.set(service, { families: name, request });
  return request;
}

/** Comparable text of what a Service asks for: nothing of what it was given, nor of which object it is. */
export function wishText(service: Service, families: readonly Family[]): string {
  const {
    uid: _uid,
    createdAt: _created,
    held: _held,
    assignedPool: _assigned,
    allocatedPool: _allocated,
    ...wishes
  } = requestOf(service, families);
  return JSON.stringify(wishes, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
