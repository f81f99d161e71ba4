import type { Layout } from './layout.ts';
import type { ControlPlaneSettings } from './settings.ts';

/**
 * etcd talks over sockets in its folder: no port to choose, none to collide.
 * It doesn't wait for the disk, since a lab's data needn't survive the machine.
 */
export function etcdFlags(layout: Layout): string[] {
  const [client, peer] = [`unix://${layout.etcdSocket}`, `unix://${layout.etcdPeerSocket}`];
  return [
    '--name=lab',
    `--data-dir=${layout.etcdData}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=lab=${peer}`,
    '--log-level=warn',
  ];
}

/** The apiserver: real authentication by certificate and token, RBAC and the node authorizer, both families. */
export function apiserverFlags(layout: Layout, settings: ControlPlaneSettings): string[] {
  return [
    `--etcd-servers=unix://${layout.etcdSocket}`,
    `--bind-address=${settings.bindAddress}`,
    `--secure-port=${settings.port}`,
    `--tls-cert-file=${layout.servingCertificate}`,
    `--tls-private-key-file=${layout.servingKey}`,
    `--cert-dir=${layout.directory}`,
    `--client-ca-file=${layout.authority}`,
    `--token-auth-file=${layout.tokens}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
    `--service-cluster-ip-range=${settings.serviceCidrs.join(',')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${layout.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${layout.serviceAccountKey}`,
    `--kubelet-certificate-authority=${layout.authority}`,
    `--kubelet-client-certificate=${layout.kubeletClientCertificate}`,
    `--kubelet-client-key=${layout.kubeletClientKey}`,
    '--kubelet-preferred-address-types=InternalIP',
    ...advertiseFlags(settings),
    ...(settings.routeToPods ? ['--enable-aggregator-routing'] : []),
    ...(settings.auditLog ? auditFlags(layout) : []),
    ...settings.extraApiserverFlags,
  ];
}

/** A loopback address can't be an endpoint of the `kubernetes` Service, so there none is written. */
function advertiseFlags(settings: ControlPlaneSettings): string[] {
  const isLoopback = settings.bindAddress.startsWith('127.') || settings.bindAddress === '::1';
  return isLoopback ? ['--endpoint-reconciler-type=none'] : [`--advertise-address=${settings.bindAddress}`];
}

function auditFlags(layout: Layout): string[] {
  return [`--audit-policy-file=${layout.auditPolicy}`, `--audit-log-path=${layout.auditLog}`];
}

/** Each controller under its own service account, so that a missing right shows here as it would elsewhere. */
export function controllerManagerFlags(layout: Layout, settings: ControlPlaneSettings): string[] {
  return [
    `--kubeconfig=${layout.kubeconfigOf('system:kube-controller-manager')}`,
    `--service-account-private-key-file=${layout.serviceAccountKey}`,
    `--root-ca-file=${layout.authority}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--secure-port=0',
    ...settings.extraControllerManagerFlags,
  ];
}

/** One scheduler, so there is nothing to elect. */
export function schedulerFlags(layout: Layout): string[] {
  return [`--kubeconfig=${layout.kubeconfigOf('system:kube-scheduler')}`, '--leader-elect=false', '--secure-port=0'];
}
