import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files that the node sees in place of the machine's own. The first six are
 * settings of the whole kernel that kubelet changes at its start unless they
 * have these values already (setupKernelTunables in its container manager);
 * this way the machine keeps its own. The last two tell nodes apart, and a
 * node before its reboot from the node after it.
 */
function contents(node: string): Readonly<Record<string, string>> {
  return {
    '/proc/sys/vm/overcommit_memory': '1',
    '/proc/sys/vm/panic_on_oom': '0',
    '/proc/sys/kernel/panic': '10',
    '/proc/sys/kernel/panic_on_oops': '1',
    '/proc/sys/kernel/keys/root_maxkeys': '1000000',
    '/proc/sys/kernel/keys/root_maxbytes': '25000000',
    '/etc/machine-id': createHash('sha256').update(node).digest('hex').slice(0, 32),
    '/proc/sys/kernel/random/boot_id': randomUUID(),
  };
}

/** Writes those files into a folder, and returns pairs "FILE COVERED-PATH" for the node to mount. */
export function writeCovers(directory: string, node: string): readonly string[] {
  mkdirSync(directory, { recursive: true });
  return Object.entries(contents(node)).map(([path, value]) => {
    const file = join(directory, path.slice(1).replaceAll('/', '.'));
    writeFileSync(file, `${value}\n`);
    return `${file} ${path}`;
  });
}
