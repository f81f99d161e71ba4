import { readFile } from 'node:fs/promises';
import type { Entry } from '../entry.ts';
import type { Component } from './component.ts';

const RECORD = 'var/lib/dpkg/status.d/';

/**
 * The packages of Debian in the image, and Debian itself, as its own records
 * among the image's entries tell.
 */
export async function debianComponents(entries: readonly Entry[]): Promise<readonly Component[]> {
  const texts = new Map(entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.path, entry.content]] : [])));
  const read = async (path: string): Promise<string> => {
    const content = texts.get(path);
    if (content === undefined) throw new Error(`Cannot list what is in the image: it has no "${path}"`);
    return content instanceof Uint8Array ? Buffer.from(content).toString() : readFile(content.copyOf, 'utf8');
  };
  const release = await read('etc/os-release');
  const setting = (name: string) => new RegExp(`^${name}="?(.*?)"?$`, 'm').exec(release)?.[1] ?? '';
  const distro = `${setting('ID')}-${setting('VERSION_ID')}`;
  const records = await Promise.all([...texts.keys()].filter((path) => path.startsWith(RECORD)).map(read));
  const purls = new Map(records.map((record) => [field(record, 'Package'), debianPurl(record, distro)]));
  const packages = records.map(async (record): Promise<Component> => {
    const name = field(record, 'Package');
    const text = `usr/share/doc/${name}/copyright`;
    return {
      type: 'library',
      name,
      version: field(record, 'Version'),
      purl: purls.get(name)!,
      publisher: field(record, 'Maintainer'),
      licence: { names: licenceNames(await read(text)) },
      texts: [text],
      uses: [...new Set(dependencyNames(record).flatMap((one) => purls.get(one) ?? []))],
    };
  });
  const system: Component = {
    type: 'operating-system',
    name: setting('ID'),
    version: setting('VERSION_ID'),
    licence: { names: [] },
    texts: [],
    uses: [],
  };
  return [system, ...(await Promise.all(packages))];
}

/** With the source package as `upstream`, under which Debian files vulnerabilities. */
function debianPurl(record: string, distro: string): string {
  const source = /^Source: (\S+)/m.exec(record)?.[1];
  const qualifiers = Object.entries({
    arch: field(record, 'Architecture'),
    distro,
    ...(source && { upstream: source }),
  }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const [name, version] = [field(record, 'Package'), field(record, 'Version')].map(encodeURIComponent);
  return `pkg:deb/debian/${name}@${version}?${qualifiers.join('&')}`;
}

function dependencyNames(record: string): readonly string[] {
  const lists = [...record.matchAll(/^(?:Pre-)?Depends: (.*)$/gm)].map(([, list]) => list!);
  return lists.flatMap((list) => list.split(/[,|]/).map((one) => /^[^\s:(]+/.exec(one.trim())?.[0] ?? ''));
}

/**
 * The short names of a machine-readable copyright file (Debian's DEP 5); of
 * another, the licences that it refers to in /usr/share/common-licenses.
 */
export function licenceNames(copyright: string): readonly string[] {
  const found = /^Format: /m.test(copyright)
    ? copyright.matchAll(/^License: *(\S.*?)\s*$/gm)
    : copyright.matchAll(/\/usr\/share\/common-licenses\/([\w+-]+(?:\.\d+)*)/g);
  return [...new Set([...found].map(([, name]) => name!))].sort();
}

function field(record: string, name: string): string {
  const value = new RegExp(`^${name}: (.*)$`, 'm').exec(record)?.[1];
  if (value === undefined) throw new Error(`Cannot list a package of Debian: its record has no field "${name}"`);
  return value;
}
