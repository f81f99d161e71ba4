import { basename } from 'node:path';
import type { ControlPlaneProcess } from '../control-plane.ts';
import type { Lab } from '../lab.ts';
import { identify, type ProcessId, readProc } from '../machine/process-id.ts';
import { processesInGroups } from '../node/cgroups.ts';
import { LabProblem } from '../problem.ts';
import { processOf } from '../state.ts';

const controlPlane: readonly ControlPlaneProcess[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
];
const nodePrograms = ['containerd', 'kubelet', 'kube-proxy'] as const;

/**
 * The processes that a name stands for:
 *
 * - `etcd`, `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`
 * - `node-1/kubelet`, `node-1/containerd`, `node-1/kube-proxy`
 * - `pod/NAMESPACE/NAME`: the processes of all containers of the pod
 * - `pod/NAMESPACE/NAME/CONTAINER`
 *
 * @throws LabProblem when nothing of that name runs.
 */
export async function processesOf(lab: Lab, target: string): Promise<readonly ProcessId[]> {
  const [first, ...rest] = target.split('/');
  const found = isControlPlane(target)
    ? [processOf(lab.name, target)]
    : first === 'pod' && rest.length >= 2
      ? await ofPod(lab, rest[0]!, rest[1]!, rest[2])
      : rest.length === 1
        ? ofNode(lab, first!, rest[0]!)
        : badTarget(target);
  const alive = found.filter((id) => id !== undefined);
  if (alive.length > 0) return alive;
  throw new LabProblem(`Cannot find a process of "${target}" in lab "${lab.name}": it isn't running`);
}

function isControlPlane(target: string): target is ControlPlaneProcess {
  return (controlPlane as readonly string[]).includes(target);
}

function ofNode(lab: Lab, node: string, program: string): (ProcessId | undefined)[] {
  if (!(nodePrograms as readonly string[]).includes(program)) return badTarget(`${node}/${program}`);
  return processesInGroups(lab.name, lab.node(node).name)
    .filter((pid) => basename(readProc(`${pid}/cmdline`)?.split('\0')[0] ?? '') === program)
    .map(identify);
}

/** A container's processes are in a control group that bears the container's identifier. */
async function ofPod(
  lab: Lab,
  namespace: string,
  name: string,
  container: string | undefined,
): Promise<(ProcessId | undefined)[]> {
  const pod = JSON.parse(await lab.kubectl(['-n', namespace, 'get', 'pod', name, '-o', 'json']));
  const statuses: { name: string; containerID?: string }[] = pod.status.containerStatuses ?? [];
  const ids = statuses
    .filter((status) => container === undefined || status.name === container)
    .map((status) => status.containerID?.replace(/^.*\/\//, ''))
    .filter((id) => id !== undefined && id !== '');
  return processesInGroups(lab.name, pod.spec.nodeName)
    .filter((pid) => ids.some((id) => readProc(`${pid}/cgroup`)?.includes(id!)))
    .map(identify);
}

function badTarget(target: string): never {
  throw new LabProblem(
    `Cannot tell what "${target}" is: use ${controlPlane.join(', ')}, NODE/(${nodePrograms.join('|')}), pod/NAMESPACE/NAME or pod/NAMESPACE/NAME/CONTAINER`,
  );
}
