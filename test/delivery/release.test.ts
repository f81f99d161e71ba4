import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BILL, LICENCE_LIST } from '../../image/bill/about.ts';
import { neededLibraries } from '../../image/content/elf.ts';
import { platforms } from '../../image/content/platform.ts';
import { digestOf } from '../../image/digest.ts';
import { type ImageContent, readArchive } from '../../image/read-archive.ts';
import { attempt, run } from '../../lab/machine/run.ts';
import { type ReleasedImage, writeRelease } from '../../release/release.ts';
import { manifestsOf, overlays } from './built.ts';
import { copyCheckout } from './copy-checkout.ts';

/** e_machine of ELF. */
const MACHINE = { amd64: 62, arm64: 183 };

const info = { version: '9.8.7-rc.1', created: new Date('2026-01-02T03:04:05Z'), revision: 'a'.repeat(40) };

describe('a release', () => {
  let folder: string;
  let out: string;
  let released: ReleasedImage;

  const release = (checkout: string, to: string) =>
    writeRelease(to, { checkout, info, image: 'registry.example/berth', platforms });
  const text = (name: string) => readFile(join(out, name), 'utf8');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-release-test-'));
    out = join(folder, 'release');
    await mkdir(out);
    await writeFile(join(out, 'of-the-last-one'), '');
    released = await release(await copyCheckout(join(folder, 'checkout'), ['kustomize']), out);
  });
  after(() => rm(folder, { recursive: true }));

  test('is whole, without what was there before', async () => {
    const ofPlatforms = platforms.flatMap(({ oci }) => [
      `THIRD-PARTY-LICENSES-linux-${oci}.txt`,
      `berth-linux-${oci}.cdx.json`,
    ]);
    const installs = overlays.filter((name) => name !== 'lab').map((name) => `berth-${name}.yaml`);
    const others = ['LICENSE', 'SHA256SUMS', 'berth-9.8.7-rc.1.oci.tar', 'berth-crds.yaml'];
    const expected = [...others, 'kubectl-berth-9.8.7-rc.1.tar.gz', ...installs, ...ofPlatforms];
    assert.deepEqual((await readdir(out)).sort(), expected.sort());
  });

  test('made again, from another folder, is the same bytes', async () => {
    const elsewhere = join(folder, 'another/place');
    await cp(join(folder, 'checkout'), elsewhere, { recursive: true, verbatimSymlinks: true });
    const again = join(folder, 'again');
    await release(elsewhere, again);
    assert.equal(await readFile(join(again, 'SHA256SUMS'), 'utf8'), await text('SHA256SUMS'));
    await run(['sha256sum', '--check', '--quiet', '--strict', 'SHA256SUMS'], { directory: again });
  });

  test('has a checksum of every file, which sha256sum finds right', async () => {
    await run(['sha256sum', '--check', '--quiet', '--strict', 'SHA256SUMS'], { directory: out });
    const covered = (await text('SHA256SUMS'))
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(66));
    assert.deepEqual(covered, (await readdir(out)).filter((name) => name !== 'SHA256SUMS').sort());
  });

  test('pins in every install the digest of its image, and nothing else is run', async () => {
    const pinned = `registry.example/berth:9.8.7-rc.1@${released.digest}`;
    for (const file of (await readdir(out)).filter((name) => name.endsWith('.yaml'))) {
      const images = manifestsOf(await text(file)).flatMap(({ kind, spec }) =>
        kind === 'Deployment' || kind === 'DaemonSet'
          ? spec.template.spec.containers.map(({ image }: { image: string }) => image)
          : [],
      );
      assert.deepEqual(images, file === 'berth-crds.yaml' ? [] : [pinned, pinned], file);
    }
  });

  test('has the definitions of every install in a file of their own', async () => {
    const names = (yaml: string) =>
      manifestsOf(yaml).flatMap(({ kind, metadata }) => (kind === 'CustomResourceDefinition' ? [metadata.name] : []));
    const apart = names(await text('berth-crds.yaml'));
    assert.equal(apart.length, manifestsOf(await text('berth-crds.yaml')).length);
    assert.deepEqual(apart, names(await text('berth-l2.yaml')));
  });

  for (const { oci, triplet, loader } of platforms) {
    describe(`its image for ${oci}`, () => {
      let image: ImageContent;
      before(async () => {
        image = await readArchive(join(out, 'berth-9.8.7-rc.1.oci.tar'), oci);
      });
      const body = (path: string) => Buffer.from(image.files.get(path)!.body);

      test('says what it is, and when it was', () => {
        assert.equal(image.config.architecture, oci);
        assert.equal(image.config.created, '2026-01-02T03:04:05Z');
        const { Labels: labels } = image.config.config;
        assert.equal(labels?.['org.opencontainers.image.version'], info.version);
        assert.equal(labels?.['org.opencontainers.image.revision'], info.revision);
        assert.equal(JSON.parse(body('app/package.json').toString()).version, info.version);
      });

      test('has programs of that processor, every library they need, and their loader', () => {
        const folder = `usr/lib/${triplet}`;
        const programs = [...image.files.keys()].filter(
          (path) => /^usr\/(local\/bin\/node|sbin\/nft)$|\.node$/.test(path) || path.startsWith(`${folder}/`),
        );
        assert.ok(programs.length > 12, `${programs}`);
        for (const path of programs) {
          assert.equal(body(path).readUInt16LE(18), MACHINE[oci], path);
          for (const name of neededLibraries(body(path))) {
            assert.ok(image.files.has(`${folder}/${name}`), `${path} needs ${name}`);
          }
        }
        const link = image.layers.flat().find(({ header }) => header.name === `usr${loader}`)!;
        const target = join(dirname(`usr${loader}`), link.header.linkname!);
        assert.ok(image.files.has(target), `the loader ${loader} leads to ${target}`);
      });

      test('holds the bill of materials and the licence list that lie beside it', async () => {
        assert.equal(body(BILL).toString(), await text(`berth-linux-${oci}.cdx.json`));
        assert.equal(body(LICENCE_LIST).toString(), await text(`THIRD-PARTY-LICENSES-linux-${oci}.txt`));
        const { metadata } = JSON.parse(body(BILL).toString());
        assert.equal(metadata.timestamp, '2026-01-02T03:04:05Z');
        assert.equal(metadata.component.version, info.version);
      });
    });
  }

  test('has one index over both images, which is what a registry knows it by', async () => {
    const archive = join(out, 'berth-9.8.7-rc.1.oci.tar');
    const outer = JSON.parse(await run(['tar', '-xOf', archive, 'index.json']));
    assert.deepEqual(
      outer.manifests.map(({ digest }: { digest: string }) => digest),
      [released.digest],
    );
    const index = await run(['tar', '-xOf', archive, `blobs/sha256/${released.digest.slice('sha256:'.length)}`]);
    assert.equal(digestOf(index), released.digest);
    assert.deepEqual(
      JSON.parse(index).manifests.map(({ platform }: { platform: object }) => platform),
      platforms.map(({ oci }) => ({ architecture: oci, os: 'linux' })),
    );
  });

  describe('its kubectl plugin', () => {
    const node = dirname(process.execPath);
    const manifests = [
      'apiVersion: metallb.io/v1beta1',
      'kind: IPAddressPool',
      'metadata: {name: edge, namespace: metallb-system}',
      'spec: {addresses: [192.0.2.16/28]}',
      '---',
      'apiVersion: v1',
      'kind: Service',
      'metadata: {name: web, namespace: shop}',
      'spec: {type: LoadBalancer, ports: [{port: 80}]}',
    ].join('\n');
    let plugin: string;
    before(async () => {
      const unpacked = join(folder, 'plugin');
      await mkdir(join(folder, 'bin'));
      await mkdir(unpacked);
      await run(['tar', '-xzf', join(out, 'kubectl-berth-9.8.7-rc.1.tar.gz'), '-C', unpacked]);
      // As plugin managers do it: a link on PATH.
      plugin = join(folder, 'bin/kubectl-berth');
      await symlink(join(unpacked, 'kubectl-berth'), plugin);
    });
    const withPath = (...folders: string[]) => ({
      env: { PATH: [...folders, '/usr/bin', '/bin'].join(delimiter) },
    });

    test('plans, with nothing but Node beside it', async () => {
      const answer = await run([plugin, 'plan', '-f', '-'], { input: manifests, ...withPath(node) });
      assert.match(answer, /shop\/web.*edge/);
    });

    test('says what it needs where Node is too old', async () => {
      const old = join(folder, 'old');
      await mkdir(old);
      await writeFile(join(old, 'node'), '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 });
      const { code, stderr } = await attempt([plugin, '--help'], withPath(old));
      assert.equal(code, 1);
      assert.equal(stderr, 'kubectl-berth: node v20.1.0 is too old: install Node.js 26 or newer\n');
    });

    test('refuses the roles that run in a cluster', async () => {
      const { code, stderr } = await attempt([plugin, 'speaker'], withPath(node));
      assert.equal(code, 2);
      assert.match(stderr, /speaker runs in the cluster/);
    });
  });
});
