import type { LabPlan, NodePlan } from '../network/plan.ts';
import type { NodeFiles } from './files.ts';

/** kube-proxy's configuration (kubeproxy.config.k8s.io/v1alpha1): nftables, both families. */
export function proxyConfig(files: NodeFiles, plan: LabPlan, node: NodePlan): string {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: node.name,
    clientConnection: { kubeconfig: files.proxyKubeconfig },
    clusterCIDR: `${plan.clusterPods.ipv4},${plan.clusterPods.ipv6}`,
    // The size of the machine's connection table is the machine's to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  return JSON.stringify(config, null, 2);
}
