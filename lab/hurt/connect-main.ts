/**
 * Connects to an address every few milliseconds, and writes each outcome as
 * one line of JSON to standard output (see outcomes.ts), until SIGTERM or
 * SIGINT: `node connect-main.ts ADDRESS PORT {"everyMs":10,"timeoutMs":1000,"request":true}`.
 *
 * Attempts begin on a fixed grid of time, whether or not earlier ones have
 * ended: a client that waits for its answer would overlook how long an outage was.
 */
import { connect } from 'node:net';
import type { ConnectClientOptions } from './connect-client.ts';
import { type ConnectOutcome, monotonicMs } from './outcomes.ts';

const [address, port, given] = process.argv.slice(2);
const settings = JSON.parse(given!) as Required<Pick<ConnectClientOptions, 'everyMs' | 'timeoutMs' | 'request'>>;
const host = address!.includes(':') ? `[${address}]` : address;
let underWay = 0;
let ending = false;

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
const start = monotonicMs();
let begun = 0;
const timer = setInterval(beginDue, Math.max(1, settings.everyMs / 2));
beginDue();

function beginDue(): void {
  while (!ending && start + begun * settings.everyMs <= monotonicMs()) {
    begun += 1;
    attempt();
  }
}

function attempt(): void {
  underWay += 1;
  const at = monotonicMs();
  let answer = '';
  let done = false;
  const socket = connect({ host: address!, port: Number(port) });
  // After what has arrived meanwhile was read: where this process itself stood still, nobody was late.
  const limit = setTimeout(() => setImmediate(() => finish('timeout')), settings.timeoutMs);
  const finish = (outcome: ConnectOutcome['outcome'], code?: string) => {
    if (done) return;
    done = true;
    clearTimeout(limit);
    // A reset instead of a farewell, so that thousands of attempts leave no port waiting.
    socket.resetAndDestroy();
    const said = outcome === 'ok' && answer !== '' ? { answer } : {};
    write({ at, tookMs: monotonicMs() - at, outcome, ...said, ...(code === undefined ? {} : { code }) });
    underWay -= 1;
    if (ending && underWay === 0) process.exit(0);
  };
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const outcome = outcomeOf(error.code);
    finish(outcome, outcome === 'other' ? error.code : undefined);
  });
  socket.on('connect', () => {
    if (!settings.request) return finish('ok');
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
  socket.on('data', (bytes) => {
    answer += bytes.toString('latin1');
  });
  socket.on('close', () => {
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
    answer = body.split('\n')[0] ?? '';
    finish(answer === '' ? 'reset' : 'ok');
  });
}

function outcomeOf(code: string | undefined): ConnectOutcome['outcome'] {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'unreachable';
  return 'other';
}

function write(outcome: ConnectOutcome): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

function end(): void {
  ending = true;
  clearInterval(timer);
  if (underWay === 0) process.exit(0);
}
