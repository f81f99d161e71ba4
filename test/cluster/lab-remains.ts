import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesOfLab } from '../../lab/machine/owned.ts';
import { allPids, readProc } from '../../lab/machine/process-id.ts';
import { attempt, run } from '../../lab/machine/run.ts';
import { dataDirectory, stateDirectory } from '../../lab/settings.ts';

/** Everything on this machine that bears a lab's name, and what a lab could change besides. */
export interface Remains {
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly interfaces: readonly string[];
  readonly routes: readonly string[];
  readonly mounts: readonly string[];
  readonly controlGroups: readonly string[];
  readonly tables: readonly string[];
  readonly files: readonly string[];
  readonly slots: readonly string[];
  readonly kernelSettings: readonly string[];
  readonly wellKnownFolders: readonly string[];
}

/** Looks for it with the machine's own tools, not with the code that is to clean up. */
export async function remainsOf(name: string): Promise<Remains> {
  const [data, state] = [join(dataDirectory(), name), join(stateDirectory(), name)];
  const marked = new Set(processesOfLab(name).map((id) => id.pid));
  const withName = (text: string) =>
    text.includes(`berth-${name}`) || text.includes(`${data}/`) || text.includes(`${state}/`);
  return {
    processes: allPids()
      .map((pid) => ({ pid, command: readProc(`${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '' }))
      .filter(({ pid, command }) => pid !== process.pid && (marked.has(pid) || withName(command)))
      .map(({ pid, command }) => `${pid} ${command}`),
    namespaces: lines(await run(['ip', 'netns', 'list'])).filter(withName),
    interfaces: lines(await run(['ip', '-brief', 'link'])).filter(withName),
    routes: [...lines(await run(['ip', 'route'])), ...lines(await run(['ip', '-6', 'route']))].filter(withName),
    mounts: lines(readFileSync('/proc/self/mountinfo', 'utf8')).filter(withName),
    controlGroups: lines(
      (await attempt(['find', '/sys/fs/cgroup', '-type', 'd', '-path', `*/berth-lab/${name}*`])).stdout,
    ),
    tables: lines(await run(['nft', 'list', 'tables'])).filter((line) => /loss|lab|berth/.test(line)),
    files: [data, state].filter(existsSync),
    slots: existsSync(join(stateDirectory(), 'slots'))
      ? readdirSync(join(stateDirectory(), 'slots')).filter(
          (slot) => readFileSync(join(stateDirectory(), 'slots', slot), 'utf8') === name,
        )
      : [],
    kernelSettings: ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'].map(
      (setting) => `${setting} ${readFileSync(`/proc/sys/${setting}`, 'utf8').trim()}`,
    ),
    wellKnownFolders: ['/var/lib/kubelet', '/var/lib/containerd', '/var/lib/cni', '/var/log/pods', '/run/containerd']
      .concat('/var/log/containers')
      .filter(existsSync),
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
