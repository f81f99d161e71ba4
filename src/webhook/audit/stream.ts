/** The audit trail's own stream. */
import { destination } from 'pino';
import type { Audit } from './audit.ts';

export interface LineStream {
  write(line: string): unknown;
}

/**
 * Writes each entry as one JSON line with `"stream":"audit"`.
 *
 * @param to A file path, a file descriptor (1: standard output, beside the log) or a stream.
 *   Files are written synchronously: an entry is out before the apiserver has its answer.
 */
export function createAuditStream(to: string | number | LineStream = 1): Audit {
  const stream = typeof to === 'object' ? to : destination({ dest: to, sync: true, mkdir: true });
  return {
    record(entry) {
      stream.write(`${JSON.stringify({ stream: 'audit', time: new Date().toISOString(), ...entry })}\n`);
    },
  };
}
