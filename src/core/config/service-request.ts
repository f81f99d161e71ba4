/** What a Service asks for, read once from its spec, annotations and labels. */
import type { Labels } from '../api/kubernetes.ts';
import type { Address, Family } from '../net/address.ts';
import type { Problem } from './problem.ts';

export interface Port {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}

export interface ServiceRequest {
  /** `namespace/name`: the identity everywhere in the core. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** RFC 3339, or '' for an object not created yet. */
  readonly createdAt: string;
  readonly labels: Labels;
  /** As the apiserver defaulted `spec.ipFamilies`; the first is the primary one. */
  readonly families: readonly Family[];
  readonly familyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  /** At most one a family. */
  readonly requestedAddresses: readonly Address[];
  /** Path of the field that asks, for messages; '' where nothing does. */
  readonly requestedAddressesFrom: string;
  readonly requestedPool: string | undefined;
  /** Path of the annotation that names the pool; '' where none does. */
  readonly requestedPoolFrom: string;
  readonly sharingKey: string | undefined;
  readonly category: string | undefined;
  readonly ports: readonly Port[];
  readonly trafficPolicy: 'Cluster' | 'Local';
  /** Canonical text of the pod selector: equal text means equal backends; '' without a selector (never equal to another). */
  readonly backends: string;
  /** The pool that the mutating webhook wrote. */
  readonly assignedPool: string | undefined;
  /** The pool that the held addresses were given from, as the reconciler wrote it then; a later change of pools doesn't change it. */
  readonly allocatedPool: string | undefined;
  /** `status.loadBalancer.ingress[].ip`, parsed; what isn't an address is left out. */
  readonly held: readonly Address[];
  /** Malformed annotations and the like. A request with an error is never allocated anew and never loses what it holds. */
  readonly problems: readonly Problem[];
}
