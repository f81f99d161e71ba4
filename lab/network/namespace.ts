import { existsSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { attempt, run } from '../machine/run.ts';

/** Where `ip netns` keeps the names of network namespaces. */
export const namespacesDirectory = '/run/netns';

/** The file that stands for a network namespace. */
export function namespaceFile(name: string): string {
  return `${namespacesDirectory}/${name}`;
}

/**
 * The command that runs another one in a network namespace. `ip netns exec`
 * would mount a fresh /sys, without the cgroups in it, so nsenter does it.
 */
export function inNamespace(name: string, command: readonly string[]): readonly string[] {
  return ['nsenter', `--net=${namespaceFile(name)}`, '--', ...command];
}

/** Makes a network namespace with its loopback up. */
export async function addNamespace(name: string): Promise<void> {
  await run(['ip', 'netns', 'add', name]);
}

/** The number by which the kernel knows this namespace; undefined when there is none of that name. */
export function namespaceInode(name: string): number | undefined {
  return statSync(namespaceFile(name), { throwIfNoEntry: false })?.ino;
}

/** All names of network namespaces that begin like this. */
export function namespacesLike(prefix: string): readonly string[] {
  if (!existsSync(namespacesDirectory)) return [];
  return readdirSync(namespacesDirectory).filter((name) => name.startsWith(prefix));
}

/** Removes a network namespace and with it every interface, address, route and table in it. */
export async function removeNamespace(name: string): Promise<void> {
  await run(['ip', 'netns', 'delete', name]);
}

/**
 * Undoes what the first `ip netns add` of a machine does to the folder of the
 * names: it mounts it onto itself. Does nothing while a name is left.
 */
export async function removeEmptyNamespaceMount(): Promise<void> {
  if (!existsSync(namespacesDirectory) || readdirSync(namespacesDirectory).length > 0) return;
  // Another lab may be adding a name right now, or the folder may not be mounted: both are no fault.
  await attempt(['umount', namespacesDirectory]);
  if (readdirSync(namespacesDirectory).length === 0) rmdirSync(namespacesDirectory);
}
