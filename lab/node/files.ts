import { join } from 'node:path';

/** Where each file of a node lies, as this machine sees it; the node itself sees the same paths. */
export interface NodeFiles {
  readonly directory: string;
  /** What the node has at /var/lib/containerd, /var/lib/kubelet and so on, so that nothing is written to ours. */
  readonly varLib: string;
  readonly varLog: string;
  readonly containerdConfig: string;
  readonly cniDirectory: string;
  readonly kubeletConfig: string;
  readonly kubeletKubeconfig: string;
  readonly kubeletCertificate: string;
  readonly kubeletKey: string;
  readonly proxyConfig: string;
  readonly proxyKubeconfig: string;
  readonly authority: string;
  /** Files that cover some of the machine's own. */
  readonly covers: string;
  /** Appears when the apiserver knows the node: kubelet and kube-proxy wait for it. */
  readonly go: string;
  readonly log: (program: string) => string;
}

/** Names every file of the node in this folder. */
export function nodeFilesOf(directory: string): NodeFiles {
  const at = (name: string) => join(directory, name);
  return {
    directory,
    varLib: at('var-lib'),
    varLog: at('var-log'),
    containerdConfig: at('containerd.toml'),
    cniDirectory: at('cni'),
    kubeletConfig: at('kubelet.json'),
    kubeletKubeconfig: at('kubelet.kubeconfig'),
    kubeletCertificate: at('kubelet.crt'),
    kubeletKey: at('kubelet.key'),
    proxyConfig: at('kube-proxy.json'),
    proxyKubeconfig: at('kube-proxy.kubeconfig'),
    authority: at('ca.crt'),
    covers: at('covers'),
    go: at('go'),
    log: (program) => join(directory, 'log', `${program}.log`),
  };
}

/** Where containerd listens, inside the node. */
export const containerdSocket = '/run/containerd/containerd.sock';
