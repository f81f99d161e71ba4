import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from '../control-plane/authority.ts';
import { writeKubeconfig } from '../control-plane/kubeconfig.ts';
import { attempt } from '../machine/run.ts';
import type { LabPlan, NodePlan } from '../network/plan.ts';
import { LabProblem } from '../problem.ts';
import { cniConfig } from './cni-config.ts';
import { containerdConfig } from './containerd-config.ts';
import type { NodeFiles } from './files.ts';
import { kubeletConfig } from './kubelet-config.ts';
import { proxyConfig } from './proxy-config.ts';
import { plantSeed } from './seed.ts';

/** The lab's own CNI plugin. */
const ownPlugins = join(import.meta.dirname, 'cni');

/**
 * Writes what containerd reads; it can run before there is an apiserver.
 *
 * @param seed folder with which its store begins (see seed.ts); a node that ran before keeps what it has.
 */
export async function prepareRuntime(files: NodeFiles, node: NodePlan, seed?: string): Promise<void> {
  for (const directory of [files.varLib, files.varLog, files.cniDirectory]) mkdirSync(directory, { recursive: true });
  const snapshotter = (await carriesOverlays(files.directory)) ? 'overlayfs' : 'native';
  if (seed !== undefined && snapshotter === 'overlayfs') await plantSeed(seed, join(files.varLib, 'containerd'));
  const cniPlugins = [ownPlugins, findCniPlugins()];
  writeFileSync(files.containerdConfig, containerdConfig(files, { cniPlugins, snapshotter }));
  writeFileSync(join(files.cniDirectory, '10-lab.conflist'), cniConfig(node.pods));
}

/** Writes what kubelet and kube-proxy read: their settings, and who they are for the apiserver. */
export async function prepareKubelet(
  files: NodeFiles,
  plan: LabPlan,
  node: NodePlan,
  authority: Authority,
  url: string,
): Promise<void> {
  writeFileSync(files.kubeletConfig, kubeletConfig(files));
  writeFileSync(files.proxyConfig, proxyConfig(files, plan, node));
  writeFileSync(files.authority, authority.certificate);
  const user = `system:node:${node.name}`;
  const certificate = await authority.issue({
    commonName: user,
    organizations: ['system:nodes'],
    hosts: [node.name, node.address.ipv4, node.address.ipv6],
  });
  writeFileSync(files.kubeletCertificate, certificate.certificate);
  writeFileSync(files.kubeletKey, certificate.key, { mode: 0o600 });
  const access = { url, authority: authority.certificate };
  writeKubeconfig(files.kubeletKubeconfig, { ...access, user, credential: certificate });
  writeKubeconfig(files.proxyKubeconfig, {
    ...access,
    user: 'system:kube-proxy',
    credential: await authority.issue({ commonName: 'system:kube-proxy' }),
  });
}

/** Debian's folder of CNI plugins, or the one that most others use. @throws LabProblem where neither has them. */
export function findCniPlugins(): string {
  const found = ['/usr/lib/cni', '/opt/cni/bin'].find((folder) => existsSync(join(folder, 'host-local')));
  if (found !== undefined) return found;
  throw new LabProblem(
    'Cannot wire pods: no CNI plugins in /usr/lib/cni or /opt/cni/bin; install the Debian package containernetworking-plugins',
  );
}

/** Whether a container's file system can be an overlay there: it can't in a folder that is an overlay itself. */
async function carriesOverlays(directory: string): Promise<boolean> {
  const trial = join(directory, 'overlay-trial');
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(trial, name));
  for (const folder of [lower, upper, work, merged]) mkdirSync(folder!, { recursive: true });
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const mount = ['unshare', '--mount', 'mount', '-t', 'overlay', 'overlay', '-o', options, merged!];
  const outcome = await attempt(mount);
  rmSync(trial, { recursive: true, force: true });
  return outcome.code === 0;
}
