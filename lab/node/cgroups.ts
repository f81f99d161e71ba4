import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../machine/wait.ts';
import { LabProblem } from '../problem.ts';

/** A mounted hierarchy of control groups: one for each controller in version 1, one for all in version 2. */
export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** What mount(8) needs to mount the same hierarchy again, such as "memory" or "none,name=systemd". */
  readonly mountOptions: string;
}

const ours = 'berth-lab';

/** The hierarchies mounted on this machine. */
export function hierarchies(mounts: string = readFileSync('/proc/mounts', 'utf8')): readonly Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mounts.split('\n')) {
    const [, mountPoint, type, options] = line.split(' ');
    if (!mountPoint?.startsWith('/sys/fs/cgroup')) continue;
    if (type === 'cgroup2') found.push({ mountPoint, version: 2, mountOptions: '' });
    if (type === 'cgroup') found.push({ mountPoint, version: 1, mountOptions: mountOptionsOf(options!) });
  }
  return found;
}

/** Of the options that the kernel lists, those that say which hierarchy it is. */
function mountOptionsOf(options: string): string {
  const general = /^(rw|ro|nosuid|nodev|noexec|relatime|noatime|xattr|clone_children|release_agent=.*)$/;
  const own = options.split(',').filter((option) => !general.test(option));
  return own.some((option) => option.startsWith('name=')) ? ['none', ...own].join(',') : own.join(',');
}

/** Whether the machine has the unified hierarchy alone (version 2), as kubelet and runc then expect. */
export function isUnified(all: readonly Hierarchy[]): boolean {
  return all.some((one) => one.version === 2 && one.mountPoint === '/sys/fs/cgroup');
}

/**
 * Makes the control groups of a node, below one group of all labs, and returns
 * them. They become the root that the node sees (cgroup_namespaces(7)), so
 * that nothing of it lies elsewhere.
 *
 * @throws LabProblem where no hierarchy is mounted.
 */
export function makeNodeGroups(lab: string, node: string): readonly string[] {
  const all = hierarchies();
  if (all.length === 0) {
    throw new LabProblem('Cannot start a node: no cgroup hierarchy is mounted at /sys/fs/cgroup; mount one');
  }
  return all.map((hierarchy) => {
    let group = hierarchy.mountPoint;
    for (const part of [ours, lab, node]) {
      if (hierarchy.version === 2) handDownControllers(group);
      group = join(group, part);
      mkdirSync(group, { recursive: true });
      if (hierarchy.version === 1) copyCpuset(group);
    }
    return group;
  });
}

/** In version 2 a group's children have only the controllers that it hands down. */
function handDownControllers(group: string): void {
  const control = join(group, 'cgroup.subtree_control');
  const handedDown = readFileSync(control, 'utf8').split(/\s+/);
  const available = readFileSync(join(group, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
  for (const controller of available) if (!handedDown.includes(controller)) writeFileSync(control, `+${controller}`);
}

/** In version 1 a new cpuset has no processor and no memory, and lets no process in until it has. */
function copyCpuset(group: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const path = join(group, file);
    if (!existsSync(path) || readFileSync(path, 'utf8').trim() !== '') continue;
    writeFileSync(path, readFileSync(join(group, '..', file), 'utf8').trim());
  }
}

/**
 * Removes the control groups of a lab, or of one of its nodes. A group whose
 * last process is just being taken apart counts as busy for a moment longer.
 *
 * @throws LabProblem when a process stays in one of them.
 */
export async function removeGroups(lab: string, node?: string): Promise<void> {
  for (const { mountPoint } of hierarchies()) {
    const group = join(mountPoint, ours, lab, ...(node === undefined ? [] : [node]));
    await waitFor(() => isRemoved(group), {
      what: `control group ${group} to be empty`,
      withinMs: 30_000,
      everyMs: 10,
    });
    const parent = join(mountPoint, ours);
    if (existsSync(parent) && !readdirSync(parent).some((name) => isDirectory(join(parent, name)))) rmdirSync(parent);
  }
}

function isRemoved(group: string): boolean {
  try {
    removeTree(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

/** The numbers of all processes in the control groups of a lab, or of one of its nodes. */
export function processesInGroups(lab: string, node?: string): readonly number[] {
  const pids = new Set<number>();
  for (const { mountPoint } of hierarchies()) {
    collect(join(mountPoint, ours, lab, ...(node === undefined ? [] : [node])), pids);
  }
  return [...pids];
}

function collect(group: string, pids: Set<number>): void {
  if (!existsSync(group)) return;
  for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) if (pid) pids.add(Number(pid));
  for (const name of readdirSync(group)) if (isDirectory(join(group, name))) collect(join(group, name), pids);
}

function removeTree(group: string): void {
  if (!existsSync(group)) return;
  for (const name of readdirSync(group)) if (isDirectory(join(group, name))) removeTree(join(group, name));
  rmdirSync(group);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
