import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { copiedFile, type Entry, inTreeOrder, textFile } from './entry.ts';
import { tarOf } from './tar.ts';

const folder = await mkdtemp(join(tmpdir(), 'berth-tar-'));
after(() => rm(folder, { recursive: true }));

const bytesOf = (entries: readonly Entry[]) => buffer(tarOf(inTreeOrder(entries)));

test('the order in which entries are given leaves no trace', async () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9._é-]{1,120}$/).filter((text) => text !== '.' && text !== '..');
  const files = fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([path]) => path, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(files, async (list) => {
      const entries = list.map(([path, text]) => textFile(path, text));
      assert.deepEqual(await bytesOf(entries), await bytesOf([...entries].reverse()));
    }),
    { numRuns: 50 },
  );
});

test('a copied file gives the same bytes whatever its age and mode on this machine', async () => {
  const source = join(folder, 'source');
  await writeFile(source, 'content', { mode: 0o600 });
  const before = await bytesOf([copiedFile('a', source)]);
  await utimes(source, 1, 1);
  assert.deepEqual(await bytesOf([copiedFile('a', source)]), before);
});

test('tar reads what was written: long names, links, modes', async () => {
  const long = `${'long'.repeat(30)}/${'name'.repeat(40)}`;
  const archive = join(folder, 'x.tar');
  await writeFile(
    archive,
    await bytesOf([
      textFile(long, 'far down'),
      textFile('bin/run', '#!', 0o755),
      { kind: 'symlink', path: 'sbin', target: 'bin' },
      { kind: 'directory', path: 'tmp', mode: 0o1777 },
    ]),
  );
  const listing = execFileSync('tar', ['--numeric-owner', '--utc', '-tvf', archive], { encoding: 'utf8' });
  const lines = listing
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' '));
  assert.deepEqual(lines, [
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 bin/',
    '-rwxr-xr-x 0/0 2 1970-01-01 00:00 bin/run',
    `drwxr-xr-x 0/0 0 1970-01-01 00:00 ${'long'.repeat(30)}/`,
    `-rw-r--r-- 0/0 8 1970-01-01 00:00 ${long}`,
    'lrwxrwxrwx 0/0 0 1970-01-01 00:00 sbin -> bin',
    'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
  ]);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  assert.equal(await readFile(join(folder, long), 'utf8'), 'far down');
});

test('a file that cannot be read fails the archive, and says which', async () => {
  await assert.rejects(bytesOf([copiedFile('a', join(folder, 'absent'))]), /ENOENT.*absent/);
});
