import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { copiedFile, type Entry, textFile } from '../entry.ts';
import { packagesOf, provenance } from './debian.ts';
import { type Library, librariesOf } from './libraries.ts';
import type { Origin } from './origin.ts';

/** The user that the image runs as unless told otherwise; the number is distroless' "nonroot". */
export const NON_ROOT = 65532;

/** Certificates as their package ships them: what an administrator added to this machine stays out. */
export const CERTIFICATES = '/usr/share/ca-certificates/mozilla';

export const NFT = '/usr/sbin/nft';

const OS_RELEASE = '/usr/lib/os-release';

/**
 * What changes with Node or Debian only: Node, `nft` for the speaker's filter,
 * the libraries that they and koffi load, certificates, and the few files that
 * the C library reads.
 */
export async function baseEntries(origin: Origin): Promise<readonly Entry[]> {
  const { platform, debian } = origin;
  const { node, licence } = filesFromNpm(origin);
  const libraries = await librariesOf(programs(origin), origin);
  const folder = `usr/lib/${platform.triplet}`;

  return [
    copiedFile('usr/local/bin/node', node, 0o755),
    copiedFile('usr/sbin/nft', join(debian, NFT), 0o755),
    ...libraries.map(({ soname, file }) => copiedFile(`${folder}/${soname}`, file, 0o755)),
    // Programs name their loader by its full path, outside the folder of the others.
    loaderLink(platform.loader, folder),
    ...['bin', 'sbin', 'lib', 'lib64'].map((name): Entry => ({ kind: 'symlink', path: name, target: `usr/${name}` })),
    ...['usr/bin', 'usr/lib64', 'run', 'proc', 'sys', 'dev', 'var/lib'].map(
      (path): Entry => ({ kind: 'directory', path, mode: 0o755 }),
    ),
    { kind: 'symlink', path: 'var/run', target: '../run' },
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    textFile(
      'etc/passwd',
      `root:x:0:0:root:/:/sbin/nologin\nnonroot:x:${NON_ROOT}:${NON_ROOT}:nonroot:/:/sbin/nologin\n`,
    ),
    textFile('etc/group', `root:x:0:\nnonroot:x:${NON_ROOT}:\n`),
    textFile('etc/nsswitch.conf', 'hosts: files dns\npasswd: files\ngroup: files\nprotocols: files\nservices: files\n'),
    textFile('etc/ssl/certs/ca-certificates.crt', await certificates(debian)),
    copiedFile('etc/os-release', join(debian, OS_RELEASE)),
    copiedFile('usr/share/doc/node/LICENSE', licence),
    ...(await provenance(await packagesOf(filesFromDebian(origin, libraries), debian), debian)),
  ];
}

/** The files that decide those entries: dpkg's record changes with every package of Debian's. */
export async function baseDecidedBy(origin: Origin): Promise<readonly string[]> {
  const builder = (await readdir(import.meta.dirname)).map((name) => join(import.meta.dirname, name));
  return [...Object.values(filesFromNpm(origin)), join(origin.debian, 'var/lib/dpkg/status'), ...builder];
}

/** Files of the image that come from packages of Debian. */
export async function debianFiles(origin: Origin): Promise<readonly string[]> {
  return filesFromDebian(origin, await librariesOf(programs(origin), origin));
}

function filesFromDebian({ debian }: Origin, libraries: readonly Library[]): readonly string[] {
  const named = [NFT, CERTIFICATES, OS_RELEASE].map((file) => join(debian, file));
  return [...named, ...libraries.map(({ file }) => file)];
}

function programs(origin: Origin): readonly string[] {
  const { node, koffi } = filesFromNpm(origin);
  return [node, koffi, join(origin.debian, NFT)];
}

function filesFromNpm({ native, platform: { node } }: Origin) {
  return {
    node: join(native, `node_modules/node-linux-${node}/bin/node`),
    licence: join(native, `node_modules/node-linux-${node}/LICENSE`),
    koffi: join(native, `node_modules/@koromix/koffi-linux-${node}/linux_${node}/koffi.node`),
  };
}

function loaderLink(loader: string, folder: string): Entry {
  const path = `usr${loader}`;
  const up = path
    .split('/')
    .slice(1)
    .map(() => '..')
    .join('/');
  return { kind: 'symlink', path, target: `${up}/${folder}/${basename(loader)}` };
}

async function certificates(debian: string): Promise<string> {
  const folder = join(debian, CERTIFICATES);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.crt')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => `${text.trimEnd()}\n`).join('');
}
