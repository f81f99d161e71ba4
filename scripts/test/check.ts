import { spawnSync } from 'node:child_process';
import type { Tally } from './run-files.ts';

/** Runs one checking command as one test; its output is shown where it fails. */
export function check(name: string, command: string, args: readonly string[]): Tally {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) {
    console.log(`ok    ${name}`);
    return { passed: 1, failed: 0 };
  }
  console.log(`FAIL  ${name}\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
  return { passed: 0, failed: 1 };
}
