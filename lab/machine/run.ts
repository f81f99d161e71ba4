import { spawn } from 'node:child_process';
import { LabProblem } from '../problem.ts';
import { packageOf } from './package-of.ts';

/** How to run a command to its end. */
export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a command said before it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that ended with another code than 0. */
export class CommandFailed extends LabProblem {
  readonly outcome: Outcome;
  constructor(command: readonly string[], outcome: Outcome) {
    const said = outcome.stderr.trim() || outcome.stdout.trim() || 'nothing said';
    super(`Cannot run "${command.join(' ')}": exit code ${outcome.code}: ${said}`);
    this.name = 'CommandFailed';
    this.outcome = outcome;
  }
}

/** Runs a command and returns how it ended, whatever its code. @throws LabProblem when it isn't installed. */
export function attempt(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      cwd: options.directory,
      signal: options.signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => reject(explainSpawn(program!, error)));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    if (options.input !== undefined) {
      // A program that ends without reading its input closes the pipe; its exit code tells the rest.
      child.stdin!.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || reject(error));
      child.stdin!.end(options.input);
    }
  });
}

/** Runs a command and returns its standard output. @throws CommandFailed when it ends with another code than 0. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await attempt(command, options);
  if (outcome.code !== 0) throw new CommandFailed(command, outcome);
  return outcome.stdout;
}

/** Turns "spawn X ENOENT" into a sentence with the remedy; other errors pass unchanged. */
export function explainSpawn(program: string, error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  const debian = packageOf(program);
  const remedy = debian === undefined ? 'put it on PATH' : `install the Debian package ${debian}`;
  return new LabProblem(`Cannot run "${program}": it is not installed; ${remedy}`, { cause: error });
}
