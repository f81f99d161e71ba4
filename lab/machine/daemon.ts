import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabProblem } from '../problem.ts';
import { identify, isAlive, type ProcessId } from './process-id.ts';
import { explainSpawn } from './run.ts';

/** A program that is to keep running. */
export interface DaemonSpec {
  readonly command: readonly string[];
  /** Receives everything the program says; appended to. */
  readonly logFile: string;
  /** Added to PATH and HOME, which is all that it gets of this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly directory?: string | undefined;
  /**
   * `with-parent`: the kernel kills it when this process ends, however it
   * ends. `detached`: it outlives this process, in a session of its own, so
   * that a Ctrl-C in the terminal doesn't reach it.
   */
  readonly lifetime: 'with-parent' | 'detached';
}

/**
 * Starts a program with no standard input and its output in a file. Returns
 * once the kernel has started it; whether it is ready is the caller's to ask.
 *
 * @throws LabProblem when the program isn't installed or ends at once.
 */
export async function startDaemon(spec: DaemonSpec): Promise<ProcessId> {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'a');
  const command =
    spec.lifetime === 'with-parent' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...spec.command] : spec.command;
  try {
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', log, log],
      env: { ...basicEnvironment(), ...spec.env },
      cwd: spec.directory,
      detached: spec.lifetime === 'detached',
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(explainSpawn(command[0]!, error)));
    });
    child.unref();
    const id = identify(child.pid!);
    if (id === undefined) throw new LabProblem(`Cannot keep "${spec.command[0]}" running: ${lastWords(spec.logFile)}`);
    return id;
  } finally {
    closeSync(log);
  }
}

/** A daemon takes no orders from the caller's shell: etcd, for one, reads settings from any ETCD_ variable. */
function basicEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: process.env.HOME ?? '/' };
}

/** Fails when the process has ended, quoting the end of its log. @throws LabProblem */
export function assertRunning(id: ProcessId, name: string, logFile: string): void {
  if (isAlive(id)) return;
  throw new LabProblem(`${name} ended instead of running: ${lastWords(logFile)} (whole log: ${logFile})`);
}

/** The last lines of a log that say something, at most about 500 characters. */
export function lastWords(logFile: string): string {
  if (!statSync(logFile, { throwIfNoEntry: false })) return 'it wrote no log';
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-3).join(' | ');
  return lines === '' ? 'it said nothing' : lines.slice(-500);
}
