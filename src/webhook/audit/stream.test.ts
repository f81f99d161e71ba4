import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuditStream } from './stream.ts';

test('an entry is one JSON line that names its stream and the time', () => {
  const lines: string[] = [];
  const audit = createAuditStream({ write: (line: string) => void lines.push(line) });
  audit.record({
    event: 'refusal',
    operation: 'CREATE',
    dryRun: false,
    request: 'u1',
    user: { name: 'alice', groups: 2 },
    object: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
    reason: 'OutOfIPs',
    message: 'line one\nline two',
  });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.trimEnd().includes('\n'), false);
  const { time, ...entry } = JSON.parse(lines[0] ?? '');
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(entry, {
    stream: 'audit',
    event: 'refusal',
    operation: 'CREATE',
    dryRun: false,
    request: 'u1',
    user: { name: 'alice', groups: 2 },
    object: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
    reason: 'OutOfIPs',
    message: 'line one\nline two',
  });
});
