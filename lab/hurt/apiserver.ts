import { readSettings, startApiserver as start } from '../control-plane/programs.ts';
import type { Lab } from '../lab.ts';
import { endProcesses } from '../machine/process-id.ts';
import { forgetProcess, noteProcess, processOf } from '../state.ts';

const role = 'kube-apiserver';

/** Kills the apiserver; its data stays. Returns false when it wasn't running. */
export async function stopApiserver(lab: Lab): Promise<boolean> {
  const apiserver = processOf(lab.name, role);
  if (apiserver === undefined) return false;
  await endProcesses([apiserver], 0);
  forgetProcess(lab.name, role);
  return true;
}

/** Starts the apiserver again and waits until it is ready. Returns false when it was running. */
export async function startApiserver(lab: Lab): Promise<boolean> {
  if (processOf(lab.name, role) !== undefined) return false;
  await start(lab.layout, readSettings(lab.layout), (id) => noteProcess(lab.name, role, id));
  return true;
}
