import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAuditLog } from './audit.ts';

test('each request is there once, a watch too, and a line still being written is left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-audit-'));
  try {
    const file = join(folder, 'audit.log');
    const event = (auditID: string, stage: string) => `${JSON.stringify({ auditID, stage })}\n`;
    const events = [event('a', 'ResponseStarted'), event('b', 'ResponseComplete'), event('a', 'ResponseComplete')];
    writeFileSync(file, [...events, '{"auditID":"c'].join(''));
    assert.deepEqual(
      readAuditLog(file).map(({ auditID, stage }) => [auditID, stage]),
      [
        ['a', 'ResponseComplete'],
        ['b', 'ResponseComplete'],
      ],
    );
    assert.deepEqual(readAuditLog(join(folder, 'none.log')), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
