import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commitOf } from './commit.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-commit-'));
after(() => rmSync(folder, { recursive: true }));

const as = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
const env = { ...process.env, GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z' };
const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...as, ...args], { env, encoding: 'utf8' });
git('init', '--quiet');
writeFileSync(join(folder, 'a'), '1');
git('add', 'a');
git('commit', '--quiet', '-m', 'one');

test('a checkout as it was committed has the date and the name of its commit', async () => {
  const { revision, created } = await commitOf(folder);
  assert.equal(revision, git('rev-parse', 'HEAD').trim());
  assert.equal(created.toISOString(), '2026-01-02T03:04:05.000Z');
});

test('a changed one is refused, and the file named', async () => {
  writeFileSync(join(folder, 'a'), '2');
  await assert.rejects(commitOf(folder), /differs from its commit; commit or stash\n ?M a/);
});
