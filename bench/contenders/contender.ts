/** Whoever gives addresses to Services: Berth, a peer, or the bare loop that is the floor. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../lab/machine/wait.ts';
import type { Ground } from '../ground.ts';

export interface Running {
  readonly pid: number;
  /** Ends with SIGTERM and waits; SIGKILL where it must not say goodbye. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** Brings the cluster to where the contender can serve: its kinds and one pool of these ranges. */
  prepare(ground: Ground, ranges: readonly string[]): Promise<void>;
  /** Starts it and returns when it is ready to serve. */
  start(ground: Ground): Promise<Running>;
}

/** Starts a program with its output in a file of the ground's folder. */
export function launch(ground: Ground, name: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const log = openSync(join(ground.directory, `${name}.log`), 'a');
  // Dies with the benchmark, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
  if (child.pid === undefined) throw new Error(`Cannot start ${argv[0]}`);
  return {
    pid: child.pid,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** Waits for a condition; the limit only stops a benchmark that went wrong. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limitSeconds = 120): Promise<void> {
  await waitFor(holds, { what, withinMs: limitSeconds * 1000 });
}

/** Resident memory of a process now, in MiB. */
export function residentMebibytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

export function poolManifest(ranges: readonly string[]): string {
  const addresses = ranges.map((range) => `    - ${range}`).join('\n');
  return `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: bench
  namespace: metallb-system
spec:
  addresses:
${addresses}
`;
}
