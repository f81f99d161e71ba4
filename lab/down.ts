import { interfaces, mountsBelow, processesOfLab } from './machine/owned.ts';
import { endProcesses, isAlive, signalProcess } from './machine/process-id.ts';
import { attempt, run } from './machine/run.ts';
import { waitFor } from './machine/wait.ts';
import { namespacesLike, removeEmptyNamespaceMount, removeNamespace } from './network/namespace.ts';
import { removeGroups } from './node/cgroups.ts';
import { type Report, reportToStderr, step } from './progress.ts';
import { forgetLab, labData, notedProcesses, upInProgress } from './state.ts';

/**
 * Ends a lab and leaves nothing of it: no process, namespace, interface, mount,
 * control group or file. Goes by what it finds, not by what `up` got around to
 * note, so it also cleans up after an `up` that was killed in the middle. Does
 * nothing where there is nothing.
 */
export async function labDown(name: string, report: Report = reportToStderr): Promise<void> {
  await step(report, `Ending lab "${name}"`, async () => {
    await stopUp(name);
    await endAll(name);
    if (interfaces().includes(`berth-${name}`)) await run(['ip', 'link', 'delete', `berth-${name}`]);
    for (const namespace of namespacesLike(`berth-${name}-`)) await removeNamespace(namespace);
    await removeEmptyNamespaceMount();
    for (const mount of mountsBelow(labData(name))) await attempt(['umount', '--lazy', mount]);
    await removeGroups(name);
    forgetLab(name);
  });
}

/** An `up` at work cleans up after itself when it is asked to stop; then there is just less to do here. */
async function stopUp(name: string): Promise<void> {
  const up = upInProgress(name);
  if (up === undefined || up.pid === process.pid) return;
  signalProcess(up, 'SIGTERM');
  await waitFor(() => !isAlive(up), { what: `process ${up.pid} to stop bringing the lab up`, withinMs: 60_000 });
}

/** Looks again after each round, since a process may start another one before it is killed. */
async function endAll(name: string): Promise<void> {
  await waitFor(
    async () => {
      const left = [...notedProcesses(name), ...processesOfLab(name)];
      if (left.length === 0) return true;
      await endProcesses(left, 0);
      return false;
    },
    { what: `the processes of lab "${name}" to end`, withinMs: 60_000, everyMs: 10 },
  );
}
