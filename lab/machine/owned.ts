import { readdirSync, statSync } from 'node:fs';
import { namespaceInode, namespacesLike } from '../network/namespace.ts';
import { processesInGroups } from '../node/cgroups.ts';
import { ownerVariable } from '../settings.ts';
import { allPids, identify, type ProcessId, readProc } from './process-id.ts';

/**
 * Every process that belongs to a lab, noted or not: those that carry its mark
 * in their environment, those in its control groups, and those in its network
 * namespaces. This process isn't among them.
 */
export function processesOfLab(name: string): readonly ProcessId[] {
  const inGroups = new Set(processesInGroups(name));
  const inodes = new Set(namespacesLike(`berth-${name}-`).map(namespaceInode));
  const mark = `\0${ownerVariable}=${name}\0`;
  return allPids()
    .filter((pid) => pid !== process.pid)
    .filter((pid) => inGroups.has(pid) || inodes.has(networkOf(pid)) || isMarked(pid, mark))
    .map(identify)
    .filter((id) => id !== undefined);
}

function isMarked(pid: number, mark: string): boolean {
  const environment = readProc(`${pid}/environ`);
  return environment !== undefined && `\0${environment}`.includes(mark);
}

/** The number of the network namespace that a process is in; -1 when it ended meanwhile. */
function networkOf(pid: number): number {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Kernel threads and zombies have none.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return -1;
    throw error;
  }
}

/** Mount points below a folder, innermost first. */
export function mountsBelow(folder: string): readonly string[] {
  const mounts = (readProc('self/mounts') ?? '').split('\n').map((line) => line.split(' ')[1] ?? '');
  return mounts.filter((point) => point.startsWith(`${folder}/`)).reverse();
}

/** Names of this machine's network interfaces. */
export function interfaces(): readonly string[] {
  return readdirSync('/sys/class/net');
}
