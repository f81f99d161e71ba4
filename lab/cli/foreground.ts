import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { explainSpawn } from '../machine/run.ts';

/**
 * Runs a command with this terminal, as if it had been typed itself, and
 * returns its exit code; 128 and the signal's number when a signal ended it.
 */
export function foreground(command: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { stdio: 'inherit', env: { ...process.env, ...env } });
    // The terminal sends Ctrl-C to the command too; it decides what that means.
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    const passOn = () => child.kill('SIGTERM');
    process.on('SIGTERM', passOn);
    child.on('error', (error) => reject(explainSpawn(command[0]!, error)));
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', passOn);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}
