import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildBerthImage, unpackBerth } from '../../image/berth-image.ts';
import { BILL, LICENCE_LIST } from '../../image/bill/about.ts';
import { readArchive } from '../../image/read-archive.ts';
import { project } from './built.ts';
import { copyCheckout } from './copy-checkout.ts';

const folder = await mkdtemp(join(tmpdir(), 'berth-delivery-image-'));
after(() => rm(folder, { recursive: true }));

const checkout = await copyCheckout(join(folder, 'checkout'));
const archive = join(folder, 'berth.oci.tar');
const built = await buildBerthImage(checkout, 'berth.dev/berth:test', archive);
const image = await readArchive(archive);
const paths = [...image.files.keys()];
const lock = JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8')).packages;
const { dependencies } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));

describe("Berth's image", () => {
  test('built again, from another folder and an empty cache, is the same bytes', async () => {
    const other = join(folder, 'elsewhere');
    await cp(checkout, other, { recursive: true, verbatimSymlinks: true });
    const cache = process.env.BERTH_CACHE;
    process.env.BERTH_CACHE = join(folder, 'empty-cache');
    try {
      await buildBerthImage(other, 'berth.dev/berth:test', join(folder, 'again.oci.tar'));
    } finally {
      if (cache === undefined) delete process.env.BERTH_CACHE;
      else process.env.BERTH_CACHE = cache;
    }
    const [first, again] = [await readFile(archive), await readFile(join(folder, 'again.oci.tar'))];
    assert.ok(first.equals(again), 'the two archives differ');
  });

  test('carries the name it was given and starts as a user without rights', () => {
    assert.equal(image.name, 'berth.dev/berth:test');
    assert.equal(image.config.config.User, '65532:65532');
    assert.match(Buffer.from(image.files.get('etc/passwd')!.body).toString(), /^nonroot:x:65532:65532:/m);
    assert.deepEqual(image.config.config.Entrypoint, ['/usr/local/bin/node', '/app/src/main.js']);
    assert.ok(built.digest.startsWith('sha256:'));
  });

  test('holds every source, and neither tests nor what only they read', () => {
    const ours = paths.filter((path) => path.startsWith('app/src/'));
    const kept = ['!', '-name', '*.test.ts', '!', '-path', '*/golden/*', '!', '-path', '*/testing/*'];
    const found = String(execFileSync('find', ['src', '-type', 'f', ...kept], { cwd: checkout }));
    const expected = found
      .trim()
      .split('\n')
      .map((path) => `app/${path.replace(/\.ts$/, '.js')}`);
    assert.deepEqual(ours.sort(), expected.sort());
  });

  test('holds each source with every word that runs where it was', async () => {
    for (const path of paths.filter((file) => file.startsWith('app/src/') && file.endsWith('.js'))) {
      const source = await readFile(join(checkout, path.slice('app/'.length).replace(/\.js$/, '.ts')), 'utf8');
      const lines = Buffer.from(image.files.get(path)!.body).toString().split('\n');
      assert.equal(lines.length, source.split('\n').length, `${path} has another number of lines`);
    }
  });

  test('holds the packages of production and no other', () => {
    const inside = new Set(
      paths.flatMap((path) => /^app\/(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
    );
    const ofDevelopment = [...inside].filter((path) => lock[path] === undefined || lock[path].dev === true);
    assert.deepEqual(ofDevelopment, []);
    for (const name of Object.keys(dependencies)) assert.ok(inside.has(`node_modules/${name}`), `${name} is missing`);
  });

  test('every licence of a package that is inside is inside too', async () => {
    const packages = paths.flatMap(
      (path) => /^app\/(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? [],
    );
    const licences = packages.map(async (path) => {
      const names = (await readdir(join(checkout, path))).filter((name) => /^licen[cs]e/i.test(name));
      return names.map((name) => `app/${path}/${name}`);
    });
    const missing = (await Promise.all(licences)).flat().filter((path) => !image.files.has(path));
    assert.deepEqual(missing, []);
  });

  test('lists in its bill of materials all that is inside, and nothing else', () => {
    const bill = JSON.parse(Buffer.from(image.files.get(BILL)!.body).toString());
    const listed = (prefix: string): string[] =>
      bill.components
        .map(({ purl }: { purl?: string }) => purl ?? '')
        .filter((purl: string) => purl.startsWith(prefix))
        .map((purl: string) => decodeURIComponent(purl.slice(prefix.length).split('?')[0]!))
        .sort();
    const packages = paths
      .filter((path) => /^app\/.*node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      .map((path) => JSON.parse(Buffer.from(image.files.get(path)!.body).toString()))
      .map(({ name, version }) => `${name}@${version}`);
    assert.deepEqual(listed('pkg:npm/'), [...new Set(packages)].sort());
    const debian = paths
      .filter((path) => path.startsWith('var/lib/dpkg/status.d/'))
      .map((path) => Buffer.from(image.files.get(path)!.body).toString())
      .map((record) => `${/^Package: (.*)$/m.exec(record)![1]}@${/^Version: (.*)$/m.exec(record)![1]}`);
    assert.deepEqual(listed('pkg:deb/debian/'), debian.sort());
    assert.deepEqual(listed('pkg:generic/node@'), [process.versions.node]);
    for (const name of ['nftables', 'ca-certificates', 'base-files', 'libc6']) {
      assert.ok(
        debian.some((one) => one.startsWith(`${name}@`)),
        name,
      );
    }
  });

  test('refers in its bill of materials to what is listed there only', () => {
    const bill = JSON.parse(Buffer.from(image.files.get(BILL)!.body).toString());
    const refs = [bill.metadata.component, ...bill.components].map((one) => one['bom-ref']);
    assert.equal(new Set(refs).size, refs.length, 'a reference is given twice');
    const { dependencies: edges } = bill as { dependencies: { ref: string; dependsOn: string[] }[] };
    assert.deepEqual(
      edges.map(({ ref }) => ref),
      refs,
    );
    for (const { ref, dependsOn } of edges) {
      for (const one of dependsOn) assert.ok(refs.includes(one), `${ref} needs ${one}, which is not listed`);
    }
    const express = edges.find(({ ref }) => ref.startsWith('pkg:npm/express@'))!;
    assert.ok(express.dependsOn.some((ref) => ref.startsWith('pkg:npm/body-parser@')));
  });

  test('names in its licence list the licence of each piece, and texts that are there', () => {
    const rows = Buffer.from(image.files.get(LICENCE_LIST)!.body).toString().trimEnd().split('\n').slice(5);
    assert.ok(rows.length > 100, `${rows.length} rows`);
    for (const row of rows) {
      const [name, version, licence, texts] = row.split('\t');
      assert.ok(name && version && licence, row);
      for (const path of texts!.startsWith('/') ? texts!.split(', ') : []) {
        assert.ok(image.files.has(path.slice(1)), `${name}: ${path} is not in the image`);
      }
    }
  });

  test('holds no secret, no settings of a machine and no path of the one it was built on', () => {
    const suspicious = /(^|\/)(\.env|\.npmrc|\.git|\.ssh|kubeconfig|id_rsa)|\.(pem|key|p12|pfx|kubeconfig)$/;
    assert.deepEqual(
      paths.filter((path) => suspicious.test(path)),
      [],
    );
    // Node's own sources hold such words too, so only what people write is looked through.
    const written = [...image.files].filter(([path]) => path.startsWith('app/src/') || path.startsWith('etc/'));
    for (const [path, { body }] of written) {
      const text = Buffer.from(body).toString();
      assert.ok(!/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{32}/.test(text), `${path} holds a private key`);
      assert.ok(!text.includes(project), `${path} holds the path of the checkout`);
    }
  });

  test('nothing in it may be changed by the user it runs as, and nothing lends rights', () => {
    for (const { header } of image.layers.flat()) {
      assert.deepEqual([header.uid, header.gid, header.mtime?.getTime()], [0, 0, 0], header.name);
      if (header.type === 'symlink') continue;
      const expected = header.name === 'tmp/' ? 0o1777 : header.mode! & 0o755;
      assert.equal(header.mode, expected, `${header.name} has mode ${header.mode!.toString(8)}`);
    }
  });

  test('what the entry point reaches imports only what is inside', () => {
    const specifiers = /(?:from |import |import\(|new URL\()'([^']+)'/g;
    const builtin = new Set(builtinModules);
    const reached = new Set(['app/src/main.js']);
    for (const path of reached) {
      const text = Buffer.from(image.files.get(path)!.body).toString();
      const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''); // a comment imports nothing
      for (const [, specifier] of code.matchAll(specifiers)) {
        if (specifier!.startsWith('.')) {
          const target = posix.join(posix.dirname(path), specifier!);
          assert.ok(image.files.has(target), `${path} imports "${specifier}", which is not in the image`);
          reached.add(target);
          continue;
        }
        const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier!)![0];
        if (name.startsWith('node:') || builtin.has(name)) continue;
        const inside = image.files.has(`app/node_modules/${name}/package.json`);
        assert.ok(inside, `${path} imports "${specifier}", which is not in the image`);
      }
    }
    assert.ok(reached.size > 100, `only ${reached.size} files are reached`);
  });
});

describe('its file system, entered as the user it runs as', () => {
  const root = join(folder, 'root');
  const enter = (user: number, ...command: string[]) =>
    execFileSync('chroot', [`--userspec=${user}:${user}`, root, ...command], { encoding: 'utf8' });

  test('unpacks and starts Node', async () => {
    await unpackBerth(checkout, root);
    assert.equal(enter(65532, '/usr/local/bin/node', '-p', 'process.getuid()'), '65532\n');
  });

  test('every production dependency can be imported', async () => {
    const script = join(root, 'app/import-all.mjs');
    const names = JSON.stringify(Object.keys(dependencies));
    // @peculiar/x509 asks for reflect-metadata first, as our own code gives it.
    await writeFile(
      script,
      `import 'reflect-metadata'; for (const name of ${names}) await import(name); console.log('all');`,
    );
    assert.equal(enter(65532, '/usr/local/bin/node', '/app/import-all.mjs'), 'all\n');
  });

  test('the entry point and the command inside answer', () => {
    const [node, main] = image.config.config.Entrypoint;
    const help = enter(65532, node!, main!, '--help');
    for (const role of ['controller', 'speaker']) assert.match(help, new RegExp(`^  ${role} `, 'm'));
    assert.equal(enter(65532, '/usr/local/bin/berth', '--help'), help);
  });

  test('nft starts, for the speaker', () => {
    assert.match(enter(0, '/usr/sbin/nft', '--version'), /^nftables v/);
  });
});
