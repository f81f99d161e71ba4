import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheKey } from '../../image/digest.ts';
import { onceInFolder } from '../../image/once-in-folder.ts';
import { findProgram } from '../binaries.ts';
import { assertRunning, startDaemon } from '../machine/daemon.ts';
import { endProcesses } from '../machine/process-id.ts';
import { attempt, run } from '../machine/run.ts';
import { waitFor } from '../machine/wait.ts';
import { cacheDirectory } from '../settings.ts';
import { readIndex } from './archive.ts';

const oldAfterMs = 24 * 3600 * 1000;

/**
 * A folder of containerd's with these archives imported and unpacked, made
 * once and kept in the cache. Each node of each lab begins with a copy of it,
 * made of hard links, instead of unpacking hundreds of megabytes for itself.
 *
 * Its name leaves out the last layer of an image that has several: an edit of
 * Berth's sources changes only that one, and importing it over the copy is quick.
 */
export async function seedOf(archives: readonly string[], signal?: AbortSignal): Promise<string> {
  const indexes = await Promise.all(archives.map(readIndex));
  const lasting = indexes.map(({ layers }) => (layers.length > 1 ? layers.slice(0, -1) : layers));
  const made = [await findProgram('containerd'), ...lasting.flat()];
  const seeds = join(cacheDirectory(), 'seeds');
  return onceInFolder(join(seeds, cacheKey(made.join('\n'))), async (unfinished) => {
    for (const name of readdirSync(seeds)) {
      const old = join(seeds, name);
      if (Date.now() - statSync(old).mtimeMs > oldAfterMs) rmSync(old, { recursive: true });
    }
    await importInto(unfinished, archives, signal);
  });
}

/**
 * Gives a node that never ran a copy of the seed. Unpacked files and blobs are
 * only ever read, so they can be the same ones; the databases are its own.
 */
export async function plantSeed(seed: string, root: string): Promise<void> {
  if (existsSync(root)) return;
  mkdirSync(dirname(root), { recursive: true });
  const linked = await attempt(['cp', '-al', seed, root]);
  if (linked.code === 0) {
    for (const plugin of readdirSync(seed)) {
      for (const entry of readdirSync(join(seed, plugin), { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const own = join(root, plugin, entry.name);
        rmSync(own);
        cpSync(join(seed, plugin, entry.name), own, { preserveTimestamps: true });
      }
    }
    return;
  }
  // Links don't reach from one file system into another.
  rmSync(root, { recursive: true, force: true });
  await run(['cp', '-a', seed, root]);
}

/** Runs a containerd for as long as the import takes, with its mounts out of the machine's sight. */
async function importInto(root: string, archives: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'berth-seed-'));
  const [socket, config] = [join(scratch, 'containerd.sock'), join(scratch, 'containerd.toml')];
  const cri = ['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images'];
  writeFileSync(
    config,
    `version = 3
root = "${root}"
state = "${join(scratch, 'state')}"
disabled_plugins = ${JSON.stringify(cri)}
[grpc]
  address = "${socket}"
`,
  );
  const logFile = join(scratch, 'containerd.log');
  const containerd = await startDaemon({
    command: ['unshare', '--mount', '--', await findProgram('containerd'), '--config', config],
    logFile,
    lifetime: 'with-parent',
  });
  try {
    await waitFor(
      () => {
        assertRunning(containerd, 'containerd', logFile);
        return existsSync(socket);
      },
      { what: 'containerd to listen', withinMs: 60_000, signal },
    );
    const ctr = [await findProgram('ctr'), '--address', socket, '--namespace', 'k8s.io'];
    for (const archive of archives) await run([...ctr, 'images', 'import', archive], { signal });
  } finally {
    await endProcesses([containerd], 10_000);
    rmSync(scratch, { recursive: true, force: true });
  }
}
