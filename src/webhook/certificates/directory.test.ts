import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as authority from './authority.ts';
import { followDirectory } from './directory.ts';
import type { StoredCertificates } from './inspect.ts';
import { rotationPolicy } from './plan.ts';
import { rotate } from './rotate.ts';
import { ServingCertificate } from './serving.ts';

const make = (): Promise<StoredCertificates> =>
  rotate({ kind: 'create' }, undefined, ['webhook'], Date.now(), rotationPolicy, authority);

/** Writes the folder as kubelet does: a new version beside the old one, and one link that is swapped. */
function publish(folder: string, version: string, pair: { certificate: string; key: string }): void {
  const data = join(folder, `..${version}`);
  mkdirSync(data);
  writeFileSync(join(data, 'tls.crt'), pair.certificate);
  writeFileSync(join(data, 'tls.key'), pair.key);
  symlinkSync(`..${version}`, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 60_000; !condition(); ) {
    assert.ok(performance.now() < deadline, 'waited 60 s in vain');
    await sleep(10);
  }
}

test('a mounted folder is followed: empty at first, then a pair, a bad one, and a new one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-certs-'));
  const serving = new ServingCertificate();
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_values: object, message: string) => void warnings.push(message) };
  const ending = new AbortController();
  const following = followDirectory(folder, serving, log, ending.signal);
  try {
    await until(() => warnings.includes('cannot read the certificate folder'));
    for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));
    const [one, two] = [await make(), await make()];
    publish(folder, 'v1', one);
    await until(() => serving.pair?.certificate === one.certificate);
    publish(folder, 'v2', { certificate: one.certificate, key: two.key });
    await until(() => warnings.some((warning) => warning.includes('do not belong together')));
    assert.equal(serving.pair?.key, one.key);
    publish(folder, 'v3', two);
    await until(() => serving.pair?.certificate === two.certificate);
  } finally {
    ending.abort();
    await following;
    rmSync(folder, { recursive: true });
  }
});
