import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process, named so that a later process with the same number is not taken
 * for it: numbers are used again, the pair of number and start time is not.
 */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks after boot, as field 22 of /proc/PID/stat says. */
  readonly startTime: string;
}

/** Names the process that has this number now; undefined when there is none or it is already dead. */
export function identify(pid: number): ProcessId | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTime };
}

/** Whether this very process still runs (a zombie doesn't). */
export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.startTime === id.startTime;
}

/** Sends a signal to this very process; false when it is already gone. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    return process.kill(id.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Ends these processes: asks with SIGTERM, and after `graceMs` kills what is
 * left. A grace of 0 kills at once. Returns when none of them is alive.
 */
export async function endProcesses(ids: readonly ProcessId[], graceMs = 3000): Promise<void> {
  let left = ids.filter((id) => signalProcess(id, graceMs > 0 ? 'SIGTERM' : 'SIGKILL'));
  const deadline = performance.now() + graceMs;
  let killed = graceMs === 0;
  while (left.length > 0) {
    await sleep(10);
    left = left.filter(isAlive);
    if (!killed && performance.now() > deadline) {
      for (const id of left) signalProcess(id, 'SIGKILL');
      killed = true;
    }
  }
}

/** The numbers of all processes of the machine. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A file below /proc, undefined when the process ended meanwhile. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
