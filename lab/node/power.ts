import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findProgram } from '../binaries.ts';
import { assertRunning, startDaemon } from '../machine/daemon.ts';
import { endProcesses, isAlive, type ProcessId, readProc } from '../machine/process-id.ts';
import { waitFor } from '../machine/wait.ts';
import { inNamespace } from '../network/namespace.ts';
import type { LabPlan, NodePlan } from '../network/plan.ts';
import { ownerVariable } from '../settings.ts';
import { hierarchies, makeNodeGroups, processesInGroups, removeGroups } from './cgroups.ts';
import { writeCovers } from './covers.ts';
import { containerdSocket, type NodeFiles } from './files.ts';
import { kubeletFlags } from './kubelet-config.ts';

/**
 * Switches a node on: containerd starts at once, kubelet and kube-proxy when
 * `admit` says that the apiserver knows the node. The process returned is the
 * node: with it everything in the node ends.
 */
export async function powerOn(files: NodeFiles, plan: LabPlan, node: NodePlan): Promise<ProcessId> {
  rmSync(files.go, { force: true });
  mkdirSync(files.directory, { recursive: true });
  const all = hierarchies();
  const groups = makeNodeGroups(plan.name, node.name);
  const containerd = await findProgram('containerd');
  const power = await startDaemon({
    command: inNamespace(node.namespace, ['sh', join(import.meta.dirname, 'enter.sh')]),
    logFile: files.log('init'),
    lifetime: 'detached',
    directory: '/',
    env: {
      PATH: [dirname(containerd), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter),
      [ownerVariable]: plan.name,
      GROUPS_V1: groups.filter((_, i) => all[i]!.version === 1).join(' '),
      GROUP_V2: groups.filter((_, i) => all[i]!.version === 2).join(' '),
      CGROUP_MOUNTS: all.map((one) => `${one.mountPoint} ${one.version} ${one.mountOptions}`).join('\n'),
      COVERS: writeCovers(files.covers, `${plan.name}/${node.name}`).join('\n'),
      INIT: join(import.meta.dirname, 'init.sh'),
      NODE: node.name,
      DIRECTORY: files.directory,
      CONTAINERD: containerd,
      KUBELET: await findProgram('kubelet'),
      KUBELET_FLAGS: kubeletFlags(files, node).join(' '),
      KUBE_PROXY: await findProgram('kube-proxy'),
    },
  });
  return power;
}

/** Lets kubelet and kube-proxy of a node start. */
export function admit(files: NodeFiles): void {
  writeFileSync(files.go, '');
}

/** The number that the machine knows the node's first process by; undefined when the node is off. */
export function initOf(power: ProcessId): number | undefined {
  if (!isAlive(power)) return undefined;
  const children = readProc(`${power.pid}/task/${power.pid}/children`)?.trim().split(' ');
  const child = Number(children?.[0]);
  return child > 0 && readProc(`${child}/cmdline`)?.includes('init.sh') ? child : undefined;
}

/**
 * Waits until containerd answers, and returns its socket as the machine sees
 * it: below the root of the node's first process.
 *
 * @throws LabProblem when the node ends first.
 */
export function containerdOf(
  files: NodeFiles,
  node: NodePlan,
  power: ProcessId,
  signal?: AbortSignal,
): Promise<string> {
  return waitFor(
    () => {
      assertRunning(power, `Node ${node.name}`, files.log('init'));
      const init = initOf(power);
      if (init === undefined) return undefined;
      const socket = `/proc/${init}/root${containerdSocket}`;
      return existsSync(socket) && socket;
    },
    { what: `containerd of ${node.name} to listen`, withinMs: 60_000, signal },
  );
}

/** Ends every process of a node at once, without a last word, and removes its control groups. */
export async function killNode(plan: LabPlan, node: NodePlan, power: ProcessId): Promise<void> {
  await endProcesses([power], 0);
  // The kernel ends the rest on its own; the groups can be removed only after the last one.
  await waitFor(() => processesInGroups(plan.name, node.name).length === 0, {
    what: `the processes of ${node.name} to end`,
    withinMs: 30_000,
    everyMs: 10,
  });
  await removeGroups(plan.name, node.name);
}
