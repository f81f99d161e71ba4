import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildBerthImage } from '../../image/berth-image.ts';
import { type ImageContent, readArchive } from '../../image/read-archive.ts';
import { project } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-containerfile-'));
after(() => rmSync(folder, { recursive: true }));

/** The instructions, continued lines joined, comments left out. */
const instructions = readFileSync(join(project, 'Containerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => /^(\w+)\s+(.*)$/.exec(line)!.slice(1) as [string, string]);
const last = (instruction: string) => instructions.findLast(([name]) => name === instruction)?.[1];

describe('the Containerfile', () => {
  let image: ImageContent;

  before(async () => {
    // What COPY takes out of the checkout is all that the build stage has.
    const checkout = join(folder, 'checkout');
    mkdirSync(checkout);
    for (const [name, words] of instructions) {
      if (name !== 'COPY' || words.startsWith('--from')) continue;
      const sources = words.split(/\s+/);
      const target = sources.pop()!;
      for (const source of sources) {
        const to = join(checkout, target === './' ? source : target);
        mkdirSync(dirname(to), { recursive: true });
        cpSync(join(project, source), to, { recursive: true });
      }
    }
    symlinkSync(join(project, 'node_modules'), join(checkout, 'node_modules'));
    await buildBerthImage(checkout, 'berth.dev/berth:test', join(folder, 'berth.oci.tar'));
    image = await readArchive(join(folder, 'berth.oci.tar'));

    const command = instructions.find(([name, words]) => name === 'RUN' && words.includes('image/build.ts'))![1];
    execFileSync('bash', ['-c', command.replace('/image', join(folder, 'root')).replace(/ +/g, ' ')], {
      cwd: checkout,
    });
  });

  test('makes the same file system as make image', () => {
    const found = execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y %m %l\\n'], {
      cwd: join(folder, 'root'),
    });
    const expected = new Map(
      image.layers.flat().map(({ header }) => {
        const path = header.name.replace(/\/$/, '');
        const type = { directory: 'd', symlink: 'l', file: 'f' }[header.type as string];
        return [path, `${path} ${type} ${header.mode!.toString(8)} ${header.linkname ?? ''}`];
      }),
    );
    assert.deepEqual(String(found).trimEnd().split('\n').sort(), [...expected.values()].sort());
    for (const [path, { body }] of image.files) {
      assert.ok(readFileSync(join(folder, 'root', path)).equals(body), `${path} differs`);
    }
  });

  test('says the same about how to start it', () => {
    const { User, Entrypoint, Env, WorkingDir } = image.config.config;
    assert.equal(last('USER'), User);
    assert.deepEqual(JSON.parse(last('ENTRYPOINT')!), Entrypoint);
    assert.deepEqual(last('ENV')!.split(/\s+/), Env);
    assert.equal(last('WORKDIR'), WorkingDir);
  });

  test('starts from a public base and ends from nothing', () => {
    const bases = instructions.filter(([name]) => name === 'FROM').map(([, words]) => words);
    assert.deepEqual(bases, ['docker.io/library/debian:bookworm-slim AS build', 'scratch']);
  });
});
