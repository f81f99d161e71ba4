import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../lab/settings.ts';
import { cacheKey } from '../digest.ts';
import { onceInFolder } from '../once-in-folder.ts';
import type { Platform } from './platform.ts';
import { type LockedPackage, lockedPackages, nameOf, runsOn } from './production-packages.ts';

const run = promisify(execFile);

/**
 * A folder with those locked packages of production that are made for another
 * platform alone: Node, and koffi's library. Packed and unpacked one by one,
 * since older versions of npm install for their own processor only.
 *
 * @throws Error where one isn't what the lock file says.
 */
export async function foreignPackages(checkout: string, platform: Platform): Promise<string> {
  const wanted = Object.entries(await lockedPackages(checkout)).filter(
    ([, locked]) => locked.cpu !== undefined && runsOn(platform, locked),
  );
  const key = cacheKey(JSON.stringify(wanted));
  return onceInFolder(join(cacheDirectory(), 'npm', `${platform.oci}-${key}`), async (folder) => {
    for (const [path, locked] of wanted) await install(path, locked, join(folder, path));
  });
}

async function install(path: string, { version, integrity }: LockedPackage, target: string): Promise<void> {
  const wanted = `${nameOf(path)}@${version}`;
  console.error(`image: fetching ${wanted}`);
  const workshop = await mkdtemp(join(tmpdir(), 'berth-npm-'));
  try {
    await run('npm', ['pack', wanted, '--silent', '--pack-destination', workshop], { cwd: workshop });
    const archive = join(workshop, (await readdir(workshop)).find((name) => name.endsWith('.tgz'))!);
    const found = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (found !== integrity) {
      throw new Error(`Cannot build the image: ${wanted} is ${found}, and package-lock.json says ${integrity}`);
    }
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner', '-C', target]);
  } finally {
    await rm(workshop, { recursive: true });
  }
}
