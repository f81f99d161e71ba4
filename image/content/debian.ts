import { execFile } from 'node:child_process';
import { access, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { copiedFile, type Entry, textFile } from '../entry.ts';

const run = promisify(execFile);

/**
 * Makes sure that Debian packages are there, each judged by a file of its own.
 *
 * @param files package name → a file that it installs.
 * @throws Error that says what to install, where this process cannot do it.
 */
export async function ensureDebianPackages(files: Readonly<Record<string, string>>): Promise<void> {
  const checked = Object.entries(files).map(async ([name, file]) => ((await exists(file)) ? [] : [name]));
  const missing = (await Promise.all(checked)).flat();
  if (missing.length === 0) return;
  const command = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !(await exists('/usr/bin/apt-get'))) {
    throw new Error(`Cannot build the image: ${missing.join(', ')} is missing: as root on Debian, ${command}`);
  }
  console.error(`image: installing ${missing.join(', ')} from Debian`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq', '-y', '--no-install-recommends'];
  await run('apt-get', ['-qq', 'update'], { env: environment });
  await run('apt-get', [...wait, 'install', ...missing], { env: environment });
}

/**
 * What says where the files of these packages come from: the licence text of
 * each, and its record in the form that image scanners read (a file for each
 * package under /var/lib/dpkg/status.d, as in distroless images).
 *
 * @param debian the folder that is "/" of the Debian they are installed in.
 */
export async function provenance(packages: readonly string[], debian: string): Promise<readonly Entry[]> {
  const { stdout: records } = await run('dpkg-query', [recordOf(debian), '--status', ...packages]);
  const entries = records
    .trim()
    .split(/\n\n(?=Package: )/)
    .map(async (record): Promise<Entry[]> => {
      const name = /^Package: (\S+)/.exec(record)![1]!;
      return [
        textFile(`var/lib/dpkg/status.d/${name}`, `${record}\n`),
        copiedFile(`usr/share/doc/${name}/copyright`, await licenceText(name, debian)),
      ];
    });
  return (await Promise.all(entries)).flat();
}

/**
 * The packages that these files belong to, and those that have the licence
 * texts of these packages, sorted.
 *
 * @throws Error that names a file which belongs to none.
 */
export async function packagesOf(files: readonly string[], debian: string): Promise<readonly string[]> {
  const packages = await ownersOf(files, debian);
  const licences = packages.map((name) => licenceText(name.replace(/:.*/, ''), debian));
  return [...new Set([...packages, ...(await ownersOf(await Promise.all(licences), debian))])].sort();
}

/** dpkg knows a file by the path it was packed under, which may lack the /usr of a merged system. */
async function ownersOf(files: readonly string[], debian: string): Promise<readonly string[]> {
  const asPacked = (file: string): readonly string[] => {
    const path = `/${relative(debian, file)}`;
    return [path, path.replace(/^\/usr\//, '/'), path.replace(/^\/(?!usr\/)/, '/usr/')];
  };
  const paths = [...new Set(files.flatMap(asPacked))];
  const { stdout } = await run('dpkg-query', [recordOf(debian), '--search', ...paths]).catch((error) => {
    // It fails where one of the paths is unknown, and still answers for the others.
    if (typeof error.stdout === 'string' && error.stdout !== '') return error as { stdout: string };
    throw new Error('Cannot build the image: dpkg-query is missing; build on Debian or with the Containerfile', {
      cause: error,
    });
  });
  const owners = new Map(stdout.split('\n').map((line) => [line.slice(line.indexOf(': ') + 2), line.split(': ')[0]!]));
  const names = files.map((file) => {
    const path = asPacked(file).find((candidate) => owners.has(candidate));
    if (path === undefined) throw new Error(`Cannot build the image: no Debian package owns "${file}"`);
    return owners.get(path)!;
  });
  return [...new Set(names)];
}

function licenceText(name: string, debian: string): Promise<string> {
  return realpath(join(debian, `usr/share/doc/${name}/copyright`));
}

function recordOf(debian: string): string {
  return `--admindir=${join(debian, 'var/lib/dpkg')}`;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
