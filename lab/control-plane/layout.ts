import { join } from 'node:path';

/** Where each file of a control plane lies in its folder. */
export interface Layout {
  readonly directory: string;
  readonly settings: string;
  readonly etcdData: string;
  readonly etcdSocket: string;
  readonly etcdPeerSocket: string;
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly kubeletClientCertificate: string;
  readonly kubeletClientKey: string;
  readonly authority: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly tokens: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  readonly kubeconfig: string;
  readonly kubeconfigOf: (user: string) => string;
  readonly log: (program: string) => string;
}

/** Names every file of the control plane in this folder. */
export function layoutOf(directory: string): Layout {
  const at = (name: string) => join(directory, name);
  return {
    directory,
    settings: at('control-plane.json'),
    etcdData: at('etcd'),
    etcdSocket: at('etcd.sock'),
    etcdPeerSocket: at('etcd-peer.sock'),
    servingCertificate: at('apiserver.crt'),
    servingKey: at('apiserver.key'),
    kubeletClientCertificate: at('apiserver-kubelet-client.crt'),
    kubeletClientKey: at('apiserver-kubelet-client.key'),
    authority: at('ca.crt'),
    serviceAccountKey: at('service-account.key'),
    serviceAccountPublicKey: at('service-account.pub'),
    tokens: at('tokens.csv'),
    auditPolicy: at('audit-policy.json'),
    auditLog: at('audit.log'),
    kubeconfig: at('admin.kubeconfig'),
    kubeconfigOf: (user) => at(`${user.replaceAll(/[^A-Za-z0-9.-]/g, '-')}.kubeconfig`),
    log: (program) => join(directory, 'log', `${program}.log`),
  };
}
