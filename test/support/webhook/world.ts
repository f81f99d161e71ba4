/** A small cluster as the webhook sees it, for tests: real configuration, real ledger, no apiserver. */
import type { KubeObject, Labels, Service } from '../../../src/core/api/kubernetes.ts';
import { buildConfiguration } from '../../../src/core/config/build.ts';
import { EMPTY_RAW_CONFIGURATION, type RawConfiguration } from '../../../src/core/config/raw-configuration.ts';
import { parseService } from '../../../src/core/config/service.ts';
import { Ledger } from '../../../src/core/ipam/ledger.ts';
import type { World } from '../../../src/core/policy/world.ts';

export interface Cluster {
  readonly raw: RawConfiguration;
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly services: readonly Service[];
}

export const NOW = Date.UTC(2030, 0, 1);

/** The world in which these Services hold the addresses of their statuses. */
export function worldOf(cluster: Partial<Cluster>): World {
  const configuration = buildConfiguration({ ...EMPTY_RAW_CONFIGURATION, ...cluster.raw });
  const ledger = new Ledger();
  ledger.configure(configuration, NOW);
  for (const service of cluster.services ?? []) {
    const request = parseService(service);
    if (request.held.length === 0) continue;
    const { key, namespace, name, uid, createdAt, sharingKey, ports, trafficPolicy, backends } = request;
    const [first] = request.held;
    const pool = first && ledger.poolOf(first)?.name;
    ledger.claim({
      ...{ key, namespace, name, uid, createdAt, sharingKey, ports, trafficPolicy, backends, pool },
      addresses: request.held,
    });
  }
  const namespaces: Readonly<Record<string, Labels>> = { shop: {}, metallb: {}, ...cluster.namespaces };
  return {
    configuration,
    ledger,
    namespaceLabels: (name) => (Object.hasOwn(namespaces, name) ? namespaces[name] : undefined),
    now: NOW,
  };
}

export function pool(name: string, addresses: readonly string[], spec: object = {}): KubeObject {
  return object('metallb.io/v1beta1', 'IPAddressPool', name, { addresses, ...spec });
}

export function object(apiVersion: string, kind: string, name: string, spec: object): KubeObject {
  const metadata = { name, namespace: 'metallb-system', uid: `uid-${name}`, generation: 1 };
  return { apiVersion, kind, metadata, spec } as KubeObject;
}

/** A LoadBalancer Service as the apiserver completes one; `ip` fills its status. */
export function service(
  key: string,
  more: { annotations?: Labels; labels?: Labels; spec?: object; ip?: string } = {},
): Service {
  const [namespace = '', name = ''] = key.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      creationTimestamp: '2029-12-31T00:00:00Z',
      ...(more.annotations ? { annotations: more.annotations } : {}),
      ...(more.labels ? { labels: more.labels } : {}),
    },
    spec: {
      type: 'LoadBalancer',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP' }],
      selector: { app: name },
      ...more.spec,
    },
    status: { loadBalancer: more.ip === undefined ? {} : { ingress: [{ ip: more.ip, ipMode: 'VIP' }] } },
  };
}
