import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { lastWords } from '../machine/daemon.ts';
import { explainSpawn } from '../machine/run.ts';
import { LabProblem } from '../problem.ts';
import { longStep, type Report } from '../progress.ts';
import { cacheDirectory } from '../settings.ts';
import { findGo } from './go.ts';
import { folderName, type Recipe } from './recipe.ts';

/**
 * Builds under a lock that the kernel frees when the builder dies. Who waited
 * for another builder finds the folder there and is done. The folder appears
 * whole or not at all: it is built beside its place and renamed into it.
 */
const script = `
set -e
target=$1; go=$2; flags=$3; link=$4; shift 4
[ ! -d "$target" ] || exit 0
rm -rf "$target.part"
mkdir -p "$target.part"
"$go" build -trimpath -ldflags "$flags" -o "$target.part/" "$@"
if [ -n "$link" ]; then
  for name in $LINKS; do [ -e "$target.part/$name" ] || ln -s "$link" "$target.part/$name"; done
fi
mv "$target.part" "$target"
`;

/** Builds the programs of a recipe into the cache unless they are there. @throws LabProblem naming the log. */
export async function build(recipe: Recipe, target: string, report: Report, signal?: AbortSignal): Promise<void> {
  const what = `${recipe.name} ${recipe.version}`;
  const go = await findGo(`${what} (${recipe.programs.join(', ')})`);
  const logs = join(cacheDirectory(), 'log');
  mkdirSync(logs, { recursive: true });
  mkdirSync(join(target, '..'), { recursive: true });
  const logFile = join(logs, `${folderName(recipe)}.log`);
  report(`  Building ${what} with Go, once; this takes minutes on a cold cache (log: ${logFile})`);
  await longStep(report, `Building ${what}`, async () => {
    const args = [target, go, recipe.linkerFlags, recipe.multiCall ?? '', ...recipe.packages];
    const code = await runLogged(
      ['flock', `${target}.lock`, 'sh', '-c', script, 'sh', ...args],
      recipe,
      logFile,
      signal,
    );
    if (code === 0) return;
    throw new LabProblem(`Cannot build ${what}: ${lastWords(logFile)}; the whole log is ${logFile}`);
  });
}

function runLogged(
  command: readonly string[],
  recipe: Recipe,
  logFile: string,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const log = openSync(logFile, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      cwd: recipe.source,
      env: { ...process.env, ...recipe.env, LINKS: recipe.programs.join(' ') },
      stdio: ['ignore', log, log],
      // A group of its own, since the compilers below the shell must end with it.
      detached: true,
    });
    closeSync(log);
    const cancel = () => process.kill(-child.pid!, 'SIGTERM');
    signal?.addEventListener('abort', cancel);
    child.on('error', (error) => reject(explainSpawn(command[0]!, error)));
    child.on('close', (code) => {
      signal?.removeEventListener('abort', cancel);
      if (signal?.aborted) reject(signal.reason);
      else resolve(code);
    });
  });
}
