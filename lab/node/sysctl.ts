import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Settings of the whole kernel that kubelet changes at its start unless they
 * have these values already (setupKernelTunables in its container manager).
 * The node gets files with these values over them, and the machine keeps its own.
 */
const expected: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/** Writes those files, and returns pairs "FILE PATH-BELOW-/proc/sys" for the node to mount. */
export function writeSysctlFiles(directory: string): readonly string[] {
  mkdirSync(directory, { recursive: true });
  return Object.entries(expected).map(([name, value]) => {
    const file = join(directory, name.replaceAll('/', '.'));
    writeFileSync(file, `${value}\n`);
    return `${file} ${name}`;
  });
}
