import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../lab/settings.ts';
import { cacheKey } from '../digest.ts';
import { onceInFolder } from '../once-in-folder.ts';
import type { Platform } from './platform.ts';

const run = promisify(execFile);
/** A package's list of files may be long. */
const maxBuffer = 64 * 1024 * 1024;

/**
 * A folder with these packages of Debian as another platform has them, unpacked,
 * and dpkg's record of them: what `dpkg-query --admindir` needs to answer as on a
 * machine of that platform. apt works in folders of its own, so the machine
 * doesn't take on a second architecture.
 *
 * They are fetched again when this machine's own packages have changed.
 *
 * @param packages as dpkg names them, such as "nftables" or "libc6:amd64".
 */
export async function foreignDebian(packages: readonly string[], platform: Platform): Promise<string> {
  const names = packages.map((name) => name.replace(/:.*/, ''));
  const { stdout: here } = await run('dpkg-query', ['--show', ...packages]);
  return onceInFolder(join(cacheDirectory(), 'debian', `${platform.oci}-${cacheKey(here)}`), async (folder) => {
    console.error(`image: fetching ${names.length} packages of Debian for ${platform.oci}`);
    const fetched = join(folder, 'fetched');
    await fetch(names, platform, fetched);
    const archives = (await readdir(fetched)).filter((name) => name.endsWith('.deb')).sort();
    const info = join(folder, 'var/lib/dpkg/info');
    await mkdir(info, { recursive: true });
    await writeFile(join(info, 'format'), '1\n');
    const records: string[] = [];
    for (const archive of archives) records.push(await unpack(join(fetched, archive), folder, info));
    await writeFile(join(folder, 'var/lib/dpkg/status'), records.join('\n'));
    await rm(fetched, { recursive: true });
  });
}

async function fetch(names: readonly string[], platform: Platform, folder: string): Promise<void> {
  const [lists, cache, status] = ['lists', 'cache', 'status'].map((name) => join(folder, 'apt', name)) as [
    string,
    string,
    string,
  ];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  await writeFile(status, '');
  const settings = {
    'APT::Architecture': platform.oci,
    'APT::Architectures': platform.oci,
    'APT::Sandbox::User': 'root',
    'Acquire::Retries': '5',
    'Dir::State::lists': lists,
    'Dir::State::status': status,
    'Dir::Cache': cache,
  };
  const apart = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...apart, '-qq', 'update'], { maxBuffer });
  await run('apt-get', [...apart, '-qq', 'download', ...names], { cwd: folder, maxBuffer });
}

/** @returns the package's record, as dpkg keeps it of an installed one. */
async function unpack(archive: string, folder: string, info: string): Promise<string> {
  const [{ stdout: control }, { stdout: contents }] = await Promise.all([
    run('dpkg-deb', ['--field', archive]),
    run('dpkg-deb', ['--contents', archive], { maxBuffer }),
    run('dpkg-deb', ['--extract', archive, folder]),
  ]);
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1];
  const name = field('Package')!;
  const listed = field('Multi-Arch') === 'same' ? `${name}:${field('Architecture')}` : name;
  // "drwxr-xr-x root/root 0 2024-01-01 00:00 ./usr/lib/" and, of a link, "./a -> b".
  const paths = contents.split('\n').flatMap((line) => / \.(\/.*?)\/?(?: -> .*)?$/.exec(line)?.[1] ?? []);
  await writeFile(join(info, `${listed}.list`), `${['/.', ...paths.filter((path) => path !== '/')].join('\n')}\n`);
  return control.replace(/^Package: .*\n/, (line) => `${line}Status: install ok installed\n`);
}
