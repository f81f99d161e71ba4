import type { NodePlan } from '../network/plan.ts';
import { containerdSocket, type NodeFiles } from './files.ts';

/** kubelet's configuration (kubelet.config.k8s.io/v1beta1). */
export function kubeletConfig(files: NodeFiles): string {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: files.authority },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: files.kubeletCertificate,
    tlsPrivateKeyFile: files.kubeletKey,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    // Version 1 still works, and is what some machines have.
    failCgroupV1: false,
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    makeIPTablesUtilChains: false,
    oomScoreAdj: 0,
    // The machine is shared by all nodes; its full disk is not one node's fault.
    evictionHard: { 'imagefs.available': '0%', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%' },
    imageGCHighThresholdPercent: 100,
    resolvConf: '',
    registerWithTaints: [],
  };
  return JSON.stringify(config, null, 2);
}

/** kubelet's flags: what its configuration can't say. */
export function kubeletFlags(files: NodeFiles, node: NodePlan): string[] {
  return [
    `--config=${files.kubeletConfig}`,
    `--kubeconfig=${files.kubeletKubeconfig}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address.ipv4},${node.address.ipv6}`,
  ];
}
