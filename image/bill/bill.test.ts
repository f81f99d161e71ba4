import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textFile } from '../entry.ts';
import type { Component } from './component.ts';
import { cyclonedx } from './cyclonedx.ts';
import { debianComponents, licenceNames } from './debian-components.ts';
import { npmComponents } from './npm-components.ts';

const info = { version: '1.2.3', created: new Date('2026-01-02T03:04:05.678Z') };
const one: Component = {
  type: 'library',
  name: 'one',
  version: '1.0.0',
  purl: 'pkg:npm/one@1.0.0',
  licence: { expression: '(MIT OR Apache-2.0)' },
  texts: [],
  uses: [],
};

test('the same content gives the same bill, another gives another serial number', () => {
  const serial = (components: readonly Component[]) => JSON.parse(cyclonedx(info, components, [])).serialNumber;
  assert.equal(cyclonedx(info, [one], []), cyclonedx(info, [one], []));
  assert.match(serial([one]), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(serial([one]), serial([]));
});

test('a choice of licences is an expression, a single one an SPDX identifier', () => {
  const of = (expression: string) =>
    JSON.parse(cyclonedx(info, [{ ...one, licence: { expression } }], [])).components[0].licenses;
  assert.deepEqual(of('(MIT OR Apache-2.0)'), [{ expression: '(MIT OR Apache-2.0)' }]);
  assert.deepEqual(of('MIT'), [{ license: { id: 'MIT' } }]);
});

test('a package without a licence stops the build and is named', () => {
  const nameless = {
    path: 'node_modules/x',
    folder: '/x/node_modules/x',
    name: 'x',
    version: '1.0.0',
    license: undefined,
    integrity: undefined,
    uses: [],
  };
  assert.throws(() => npmComponents([nameless], []), /licence of "node_modules\/x"/);
});

test('licences of a Debian package are read from both forms of its copyright file', () => {
  const machineReadable =
    'Format: https://www.debian.org/…\n\nFiles: *\nLicense: GPL-2+\n text\n\nFiles: a\nLicense: BSD-3-clause\n';
  assert.deepEqual(licenceNames(machineReadable), ['BSD-3-clause', 'GPL-2+']);
  const prose = "see /usr/share/common-licenses/LGPL-2.1. Parts are under\n`/usr/share/common-licenses/GPL-2'.";
  assert.deepEqual(licenceNames(prose), ['GPL-2', 'LGPL-2.1']);
});

test('a package of Debian is known by its version, its source and what it needs', async () => {
  const record = (name: string, more: string) =>
    textFile(
      `var/lib/dpkg/status.d/${name}`,
      `Package: ${name}\nMaintainer: Some One\nArchitecture: arm64\nVersion: 2:1.0+b1\n${more}`,
    );
  const copyright = (name: string) => textFile(`usr/share/doc/${name}/copyright`, 'Format: x\nLicense: Expat\n');
  const [system, a] = await debianComponents([
    textFile('etc/os-release', 'PRETTY_NAME="Debian"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nID=debian\n'),
    record('liba', 'Source: a-source (2.0)\nDepends: libb (>= 1) | libz, libb:any, libx\n'),
    record('libb', ''),
    copyright('liba'),
    copyright('libb'),
  ]);
  assert.equal(`${system!.name} ${system!.version}`, 'debian 12');
  assert.equal(a!.purl, 'pkg:deb/debian/liba@2%3A1.0%2Bb1?arch=arm64&distro=debian-12&upstream=a-source');
  assert.deepEqual(a!.uses, ['pkg:deb/debian/libb@2%3A1.0%2Bb1?arch=arm64&distro=debian-12']);
  assert.deepEqual(a!.licence, { names: ['Expat'] });
});
