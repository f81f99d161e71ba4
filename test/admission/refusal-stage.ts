/** The small cluster on which every refusal is shown: pools, rules, and Services that hold addresses already. */
import { waitFor } from '../../lab/machine/wait.ts';
import type { KubeObject, Service } from '../../src/core/api/kubernetes.ts';
import { services } from '../../src/kube/resources.ts';
import type { Ground } from './ground.ts';

export type Manifest = Readonly<Record<string, unknown>>;

const SYSTEM = 'metallb-system';

/** An object of Berth's own namespace. */
export function configured(apiVersion: string, kind: string, name: string, spec: object): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: SYSTEM }, spec };
}

export function pool(name: string, spec: object): Manifest {
  return configured('metallb.io/v1beta1', 'IPAddressPool', name, spec);
}

/** A LoadBalancer Service `namespace/name`. */
export function loadBalancer(key: string, more: { annotations?: object; spec?: object } = {}): Manifest {
  const [namespace, name] = key.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, ...(more.annotations ? { annotations: more.annotations } : {}) },
    spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 443 }], ...more.spec },
  };
}

export function namespace(name: string, labels?: object): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...(labels ? { labels } : {}) } };
}

const shareKey = { 'metallb.io/allow-shared-ip': 'web' };

const configuration: readonly Manifest[] = [
  pool('edge', { addresses: ['192.0.2.0/28'] }),
  pool('internal', { addresses: ['198.51.100.10-198.51.100.11'], autoAssign: false }),
  pool('archive', { addresses: ['198.51.100.20/32'], autoAssign: false }),
  pool('payments', { addresses: ['203.0.113.0/28'], serviceAllocation: { namespaces: ['payments'] } }),
  configured('berth.dev/v1alpha1', 'AddressPolicy', 'tenants', {
    match: { namespaces: ['team-b'] },
    pools: ['edge'],
    quota: { services: 1 },
  }),
  configured('berth.dev/v1alpha1', 'AddressPolicy', 'databases', {
    match: { categories: ['database'] },
    pools: ['internal', 'archive'],
  }),
  configured('berth.dev/v1alpha1', 'AddressReservation', 'dns', {
    addresses: ['192.0.2.14/32'],
    namespace: 'infra',
    service: 'dns',
  }),
];

// In the order of their names: the elder is named first, and two that are made in one second go by name.
const holders: readonly Manifest[] = [
  loadBalancer('infra/backup', { spec: { loadBalancerIP: '198.51.100.20' } }),
  loadBalancer('infra/cache', { spec: { loadBalancerIP: '198.51.100.11' } }),
  loadBalancer('infra/db', { spec: { loadBalancerIP: '198.51.100.10' } }),
  loadBalancer('infra/ingress', { spec: { loadBalancerIP: '192.0.2.1' } }),
  loadBalancer('team-a/dns', { annotations: shareKey, spec: { loadBalancerIP: '192.0.2.2', ports: [{ port: 53 }] } }),
  loadBalancer('team-a/web', { annotations: shareKey, spec: { loadBalancerIP: '192.0.2.2' } }),
  loadBalancer('team-b/only', { spec: { loadBalancerIP: '192.0.2.3' } }),
];

/** Makes all of it and waits until every holder has its address. */
export async function setTheStage(ground: Ground): Promise<void> {
  for (const name of ['infra', 'team-a', 'team-b', 'payments']) await apply(ground, namespace(name));
  await apply(ground, namespace('labelled', { 'berth.dev/pool': 'payments' }));
  for (const object of [...configuration, ...holders]) await apply(ground, object);
  for (const { metadata } of holders as unknown as readonly KubeObject[]) await hasAddress(ground, metadata);
}

/** Applies one manifest; a refusal is a fault of the stage. */
export async function apply(ground: Ground, object: Manifest): Promise<void> {
  const { code, stderr } = await ground.kubectl(['apply', '-f', '-'], { input: object });
  if (code !== 0) throw new Error(`Cannot apply ${JSON.stringify(object)}: ${stderr}`);
}

async function hasAddress(ground: Ground, { namespace: of, name }: KubeObject['metadata']): Promise<void> {
  await waitFor(
    async () => {
      const found = await ground.client.get<Service>({ resource: services, namespace: of, name });
      return (found.status?.loadBalancer?.ingress?.length ?? 0) > 0;
    },
    { what: `an address of Service ${of}/${name}`, withinMs: 60_000 },
  );
}
