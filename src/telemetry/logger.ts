/**
 * Logs: one JSON object a line, one schema everywhere.
 *
 * `msg` is constant for each kind of line; what varies is a key, in the words
 * of the API: `namespace`, `service` (namespace/name), `pool`, `address`,
 * `node`, `interface`, `peer`, `reason`, `error`, `correlation`.
 */
import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { prettyLine } from './pretty.ts';

export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  /** `controller`, `speaker`, `webhook`, … */
  readonly component: string;
  /** `info` where absent. */
  readonly level?: LogLevel;
  /** Keys of every line. */
  readonly bindings?: Readonly<Record<string, string>>;
  /** Where lines go; standard output where absent, readable on a terminal, JSON elsewhere. */
  readonly destination?: DestinationStream;
}

/** Keys that may hold a secret, at the top and one level down. */
const secretKeys = ['password', 'token', 'authorization', 'secret', 'privateKey', 'tls.key', 'data'];

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: { component: options.component, ...options.bindings },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretKeys.flatMap((key) => (key.includes('.') ? [`["${key}"]`, `*["${key}"]`] : [key, `*.${key}`])),
        censor: '[redacted]',
      },
    },
    options.destination ?? standardOutput(),
  );
}

function standardOutput(): DestinationStream {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: true });
  const colour = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '';
  return { write: (line) => process.stdout.write(prettyLine(line, colour)) };
}
