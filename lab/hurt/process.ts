import type { Lab } from '../lab.ts';
import { endProcesses, signalProcess } from '../machine/process-id.ts';
import { processesOf } from './target.ts';

/** Stops a process in its tracks (SIGSTOP): it holds its sockets and answers nothing. Targets: see target.ts. */
export async function pauseProcess(lab: Lab, target: string): Promise<void> {
  for (const id of await processesOf(lab, target)) signalProcess(id, 'SIGSTOP');
}

/** Lets a paused process go on. */
export async function resumeProcess(lab: Lab, target: string): Promise<void> {
  for (const id of await processesOf(lab, target)) signalProcess(id, 'SIGCONT');
}

/** Kills a process (SIGKILL). What runs in a node is started again, by kubelet or by the node's init. */
export async function killProcess(lab: Lab, target: string): Promise<void> {
  await endProcesses(await processesOf(lab, target), 0);
}
