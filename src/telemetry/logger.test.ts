import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from './logger.ts';
import { prettyLine } from './pretty.ts';

function lines(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  write(
    createLogger({ component: 'controller', level: 'debug', destination: { write: (line) => written.push(line) } }),
  );
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('logs', () => {
  it('are one JSON object a line in one schema', () => {
    const [line] = lines((log) => log.info({ service: 'a/web', pool: 'edge' }, 'status written'));
    const { time, ...rest } = line ?? {};
    assert.deepEqual(rest, {
      level: 'info',
      component: 'controller',
      service: 'a/web',
      pool: 'edge',
      msg: 'status written',
    });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('never hold a secret', () => {
    const written = JSON.stringify(
      lines((log) => {
        log.info({ password: 's3cret', peer: { password: 's3cret' }, headers: { authorization: 's3cret' } }, 'x');
        log.info({ secret: { data: 's3cret' }, object: { data: { password: 's3cret' } }, token: 's3cret' }, 'x');
        log.info({ tls: { privateKey: 's3cret' }, 'tls.key': 's3cret' }, 'x');
      }),
    );
    assert.ok(!written.includes('s3cret'), written);
  });

  it('read well on a terminal, with colour and without', () => {
    const line =
      '{"level":"warn","time":"2026-07-19T11:42:17.123Z","component":"controller","service":"a/web","n":3,"msg":"status write refused"}\n';
    assert.equal(prettyLine(line, false), '11:42:17.123 WARN  controller: status write refused service=a/web n=3\n');
    assert.ok(prettyLine(line, true).includes('\u001b[33mWARN '));
    assert.equal(prettyLine('plain\n', false), 'plain\n');
  });
});
