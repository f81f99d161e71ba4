import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { lastWords, startDaemon } from '../machine/daemon.ts';
import { endProcesses, isAlive } from '../machine/process-id.ts';
import { waitFor } from '../machine/wait.ts';
import { type ConnectOutcome, type ConnectSummary, monotonicMs, parseRecord, summarize } from './outcomes.ts';

/** Whom to connect to, and how. */
export interface ConnectClientOptions {
  readonly address: string;
  readonly port: number;
  /** 10 when left out. */
  readonly everyMs?: number;
  /** After how long an attempt counts as failed; 1000 when left out. */
  readonly timeoutMs?: number;
  /** Asks for "/" over HTTP too, and notes the first line of the answer; true when left out. */
  readonly request?: boolean;
  /** Where the client is: "client" when left out. */
  readonly from?: string;
}

/** A client at work. */
export interface ConnectClient {
  /** What has been recorded so far. */
  readonly record: () => readonly ConnectOutcome[];
  readonly summary: (from?: number) => ConnectSummary;
  /** Waits for an attempt that began after `from` (now when left out) and succeeded. */
  readonly success: (options?: { readonly from?: number; readonly withinMs?: number }) => Promise<ConnectOutcome>;
  /** Ends the client when its last attempt has ended, and returns the whole record. */
  readonly stop: () => Promise<readonly ConnectOutcome[]>;
}

/** The command that runs such a client; it writes its record to standard output. */
export function connectCommand(lab: Lab, options: ConnectClientOptions): readonly string[] {
  const { address, port, everyMs = 10, timeoutMs = 1000, request = true, from = 'client' } = options;
  const settings = JSON.stringify({ everyMs, timeoutMs, request });
  const script = join(import.meta.dirname, 'connect-main.ts');
  return lab.command(from, [process.execPath, script, address, String(port), settings]);
}

/** Starts a client outside the cluster that connects every few milliseconds. It ends with this process. */
export async function startConnectClient(lab: Lab, options: ConnectClientOptions): Promise<ConnectClient> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-client-'));
  const file = join(folder, 'record.ndjson');
  appendFileSync(file, '');
  const client = await startDaemon({
    command: connectCommand(lab, options),
    logFile: file,
    lifetime: 'with-parent',
    env: lab.mark,
  });
  const record = () => parseRecord(readFileSync(file, 'utf8'));
  return {
    record,
    summary: (from) => summarize(record(), from),
    success: ({ from = monotonicMs(), withinMs = 60_000 } = {}) =>
      waitFor(() => record().find((one) => one.at >= from && one.outcome === 'ok'), {
        what: `a connection to ${options.address} port ${options.port}`,
        withinMs,
        hint: () => (isAlive(client) ? `last: ${lastWords(file)}` : `the client ended: ${lastWords(file)}`),
      }),
    stop: async () => {
      await endProcesses([client], 10_000);
      const whole = record();
      rmSync(folder, { recursive: true, force: true });
      return whole;
    },
  };
}
