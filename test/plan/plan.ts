/** Plans of manifests that a test writes down. */
import type { ClusterState } from '../../src/plan/cluster-state.ts';
import { emptyState } from '../../src/plan/cluster-state.ts';
import { type PlanInput, planOf } from '../../src/plan/forecast/forecast.ts';
import type { PlanReport, ServiceOutlook } from '../../src/plan/forecast/report.ts';
import { contentOf } from '../../src/plan/read/files.ts';

/** 2026-07-19T11:42:17Z. */
export const NOW = 1_784_461_337_000;

export function planText(text: string, more: Partial<PlanInput> = {}): PlanReport {
  const { manifests, wishes, problems } = contentOf('all.yaml', text);
  return planOf({ manifests, wishes, problems, before: emptyState(['IPv4']), managed: 'nothing', now: NOW, ...more });
}

export function serviceOf(report: PlanReport, key: string): ServiceOutlook {
  const found = report.services.find(({ service }) => service === key);
  if (found === undefined) throw new Error(`no word of ${key}`);
  return found;
}

export function pool(name: string, addresses: string, more = ''): string {
  return `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: ${name}, namespace: metallb-system}\nspec:\n  addresses: ["${addresses}"]\n${more}---\n`;
}

export function service(
  key: string,
  more: { readonly ip?: string; readonly annotations?: string; readonly port?: number } = {},
): string {
  const [namespace, name] = key.split('/');
  const annotations = more.annotations === undefined ? '' : `, annotations: {${more.annotations}}`;
  const ip = more.ip === undefined ? '' : `  loadBalancerIP: ${more.ip}\n`;
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}${annotations}}\nspec:\n  type: LoadBalancer\n${ip}  selector: {app: x}\n  ports: [{port: ${more.port ?? 80}}]\n---\n`;
}

export const announced =
  'apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: all, namespace: metallb-system}\n---\n';

/** A cluster that has these, each Service with its address. */
export function stateOf(text: string, addresses: Readonly<Record<string, string>> = {}): ClusterState {
  const empty = emptyState(['IPv4']);
  const { manifests } = contentOf('before.yaml', text);
  const services = manifests.filter(({ kind }) => kind === 'Service');
  return {
    ...empty,
    complete: true,
    namespaces: new Map(manifests.map(({ namespace }) => [namespace, { 'kubernetes.io/metadata.name': namespace }])),
    configuration: {
      ...empty.configuration,
      ipAddressPools: manifests.filter(({ kind }) => kind === 'IPAddressPool').map(({ object }) => object as never),
    },
    services: new Map(
      services.map(({ namespace, name, object }) => {
        const ip = addresses[`${namespace}/${name}`];
        const metadata = { ...(object.metadata as object), uid: name, creationTimestamp: '2026-01-01T00:00:00Z' };
        const status = ip === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip }] } } };
        return [`${namespace}/${name}`, { ...object, metadata, ...status } as never];
      }),
    ),
  };
}
