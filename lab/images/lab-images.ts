import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeArchive } from '../../image/archive.ts';
import { ensureDebianPackages } from '../../image/content/debian.ts';
import { thisPlatform } from '../../image/content/platform.ts';
import { cacheKey } from '../../image/digest.ts';
import { copiedFile } from '../../image/entry.ts';
import { buildLayer } from '../../image/layer.ts';
import { cacheDirectory } from '../settings.ts';

const run = promisify(execFile);

/** An image in an OCI archive, ready for `ctr images import`. */
export interface LabImage {
  readonly name: string;
  readonly file: string;
}

/** One static program of ours makes an image. */
const PROGRAMS = [
  { name: 'lab.berth.dev/pause:1', program: 'pause' },
  { name: 'lab.berth.dev/server:1', program: 'server' },
] as const;

const COMPILE = ['-O2', '-static', '-s', '-std=gnu17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'] as const;

/**
 * The lab's own images: the pause program of pods and the test server. Built
 * where the cache lacks them, else at hand at once.
 *
 * @throws Error where there is no C compiler and none can be installed.
 */
export async function labImages(): Promise<readonly LabImage[]> {
  await ensureDebianPackages({ gcc: '/usr/bin/cc', 'libc6-dev': '/usr/include/stdio.h' });
  return Promise.all(PROGRAMS.map(({ name, program }) => labImage(name, program)));
}

async function labImage(name: string, program: string): Promise<LabImage> {
  const source = join(import.meta.dirname, `${program}.c`);
  const { stdout: compiler } = await run('cc', ['--version']);
  const made = [name, process.arch, compiler, COMPILE.join(' '), await readFile(source, 'utf8')];
  const key = cacheKey(made.join('\n'));
  const file = join(cacheDirectory(), 'images', `${program}-${key}.oci.tar`);
  if (existsSync(file)) return { name, file };

  await mkdir(join(cacheDirectory(), 'images'), { recursive: true });
  const workshop = await mkdtemp(join(tmpdir(), 'berth-image-'));
  try {
    const binary = join(workshop, program);
    await run('cc', [...COMPILE, '-o', binary, source]);
    const entries = async () => [copiedFile(program, binary, 0o755)];
    const layer = await buildLayer({ title: program, entries }, join(cacheDirectory(), 'layers'));
    const user = '65532:65532';
    const config = { architecture: thisPlatform().oci, user, entrypoint: [`/${program}`] };
    await writeArchive(file, name, [{ config, layers: [layer] }]);
  } finally {
    await rm(workshop, { recursive: true });
  }
  return { name, file };
}
