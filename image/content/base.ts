import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { copiedFile, type Entry, textFile } from '../entry.ts';
import { provenance } from './debian.ts';
import { librariesOf } from './libraries.ts';
import type { Platform } from './platform.ts';

/** The user that the image runs as unless told otherwise; the number is distroless' "nonroot". */
export const NON_ROOT = 65532;

/** Certificates as their package ships them: what an administrator added to this machine stays out. */
export const CERTIFICATES = '/usr/share/ca-certificates/mozilla';

export const NFT = '/usr/sbin/nft';

/**
 * What changes with Node or Debian only: Node, `nft` for the speaker's filter,
 * the libraries that they and koffi load, certificates, and the few files that
 * the C library reads.
 */
export async function baseEntries(checkout: string, platform: Platform): Promise<readonly Entry[]> {
  const { node, koffi, licence } = filesFromNpm(checkout, platform);
  const libraries = await librariesOf([node, koffi, NFT]);
  const folder = `usr/lib/${platform.triplet}`;

  return [
    copiedFile('usr/local/bin/node', node, 0o755),
    copiedFile('usr/sbin/nft', NFT, 0o755),
    ...libraries.map(({ soname, file }) => copiedFile(`${folder}/${soname}`, file, 0o755)),
    // Programs name their loader by its full path, outside the folder of the others.
    ...libraries
      .filter(({ found }) => !found.includes(`/${platform.triplet}/`))
      .map(({ soname, found }) => loaderLink(soname, found, folder)),
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
    textFile('etc/ssl/certs/ca-certificates.crt', await certificates()),
    copiedFile('etc/os-release', await realpath('/etc/os-release')),
    copiedFile('usr/share/doc/node/LICENSE', licence),
    ...(await provenance([NFT, CERTIFICATES, ...libraries.map(({ file }) => file)])),
  ];
}

/** The files that decide those entries: dpkg's record changes with every package of Debian's. */
export async function baseDecidedBy(checkout: string, platform: Platform): Promise<readonly string[]> {
  const builder = (await readdir(import.meta.dirname)).map((name) => join(import.meta.dirname, name));
  return [...Object.values(filesFromNpm(checkout, platform)), '/var/lib/dpkg/status', ...builder];
}

function filesFromNpm(checkout: string, { node }: Platform) {
  return {
    node: join(checkout, `node_modules/node-linux-${node}/bin/node`),
    licence: join(checkout, `node_modules/node-linux-${node}/LICENSE`),
    koffi: join(checkout, `node_modules/@koromix/koffi-linux-${node}/linux_${node}/koffi.node`),
  };
}

function loaderLink(soname: string, found: string, folder: string): Entry {
  const path = `usr${found}`;
  const up = path
    .split('/')
    .slice(1)
    .map(() => '..')
    .join('/');
  return { kind: 'symlink', path, target: `${up}/${folder}/${soname}` };
}

async function certificates(): Promise<string> {
  const names = (await readdir(CERTIFICATES)).filter((name) => name.endsWith('.crt')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(CERTIFICATES, name), 'utf8')));
  return texts.map((text) => `${text.trimEnd()}\n`).join('');
}
