import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Lab } from '../lab.ts';
import { assertRunning, lastWords, startDaemon } from '../machine/daemon.ts';
import { endProcesses } from '../machine/process-id.ts';
import { waitFor } from '../machine/wait.ts';

/** A capture at work. */
export interface Capture {
  /** The pcap file; whole after `stop`. */
  readonly file: string;
  readonly stop: () => Promise<void>;
}

/** Captures the frames on a machine's cable. `lan` means the switch itself: everything that it floods or forwards. */
export function captureCommand(
  lab: Lab,
  where: string,
  file: string,
  filter: readonly string[] = [],
): readonly string[] {
  const device = where === 'lan' ? 'lan' : 'eth0';
  // Each frame is written at once, and tcpdump doesn't change its user, who might not be let into the folder.
  const options = ['-U', '--immediate-mode', '-n', '-Z', 'root', '-i', device, '-w', resolve(file)];
  return lab.command(where, ['tcpdump', ...options, ...filter]);
}

/**
 * Starts a capture with this process's lifetime, and returns once it listens.
 *
 * @param filter an expression of pcap-filter(7), such as ["arp"].
 * @throws LabProblem when tcpdump isn't installed or refuses the filter.
 */
export async function startCapture(
  lab: Lab,
  where: string,
  file: string,
  filter: readonly string[] = [],
): Promise<Capture> {
  const logFile = `${resolve(file)}.log`;
  rmSync(logFile, { force: true });
  const command = captureCommand(lab, where, file, filter);
  const tcpdump = await startDaemon({ command, logFile, lifetime: 'with-parent', env: lab.mark });
  await waitFor(
    () => {
      assertRunning(tcpdump, 'tcpdump', logFile);
      return existsSync(logFile) && lastWords(logFile).includes('listening on');
    },
    { what: `the capture at ${where} to begin`, withinMs: 30_000 },
  );
  return {
    file: resolve(file),
    stop: async () => {
      await endProcesses([tcpdump]);
      rmSync(logFile, { force: true });
    },
  };
}
