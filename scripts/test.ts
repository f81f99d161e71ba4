/**
 * `make test`: every test of the project, in the order in which a fault is
 * cheapest to find, closing with one plain line `N passed, N failed`.
 *
 * Arguments are path prefixes that narrow the run: `make test ONLY=src/core`.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../lab/settings.ts';
import { check } from './test/check.ts';
import { buildFlux } from './test/flux-ground.ts';
import { withLab } from './test/lab-ground.ts';
import { runFiles, type Tally } from './test/run-files.ts';

interface Stage {
  readonly name: string;
  readonly files: readonly string[];
  /** Files at once. */
  readonly concurrency: number;
  readonly ground?: (run: () => Promise<Tally>) => Promise<Tally>;
}

const units: Stage = {
  name: 'units',
  files: [
    'src/**/*.test.ts',
    'scripts/**/*.test.ts',
    'lab/**/*.test.ts',
    'release/**/*.test.ts',
    'image/**/*.test.ts',
    'test/plan/*.test.ts',
  ],
  concurrency: 2,
};

/** Control planes on ports of their own, which mostly wait: three at once. */
const planes: Stage = {
  name: 'apiserver and images',
  files: [
    'test/{admission,delivery,takeover}/**/*.test.ts',
    'test/cluster/{kinds,reconciler}*.test.ts',
    'test/plan/cluster/*.test.ts',
  ],
  concurrency: 3,
};

/** These look at what is left on the machine, or listen to it: one by one. */
const wires: Stage = {
  name: 'wires and labs',
  files: ['test/wire/**/*.test.ts', 'test/cluster/lab*.test.ts'],
  concurrency: 1,
};

const fromGit: Stage = { name: 'run from git', files: ['test/cluster/flux.test.ts'], concurrency: 1 };
const cluster: Stage = { name: 'a whole cluster', files: ['test/lab/**/*.test.ts'], concurrency: 1, ground: withLab };

// Half of a short test is stripping and compiling the same modules once more; node keeps them by their content.
process.env.NODE_COMPILE_CACHE ??= join(cacheDirectory(), 'compiled');

const only = process.argv.slice(2);
const wanted = (file: string): boolean => only.length === 0 || only.some((prefix) => file.startsWith(prefix));

let tally: Tally = { passed: 0, failed: 0 };
function add(more: Tally): void {
  tally = { passed: tally.passed + more.passed, failed: tally.failed + more.failed };
}

if (only.length === 0) {
  add(check('format and rules', 'node_modules/.bin/biome', ['check', '--error-on-warnings', '.']));
  add(check('types', 'node_modules/.bin/tsc', []));
}
async function play({ name, files: patterns, concurrency, ground = (run) => run() }: Stage): Promise<void> {
  const files = patterns
    .flatMap((pattern) => globSync(pattern))
    .filter(wanted)
    .sort();
  if (files.length === 0) return;
  console.log(`\n# ${name}: ${files.length} files`);
  add(await ground(() => runFiles(files, concurrency)));
}

await play(units);
await play(planes);
await play(wires);
// Two clusters that know nothing of each other, and mostly wait.
const isBuilt = !fromGit.files.some(wanted) || (await buildFlux());
if (!isBuilt) add({ passed: 0, failed: 1 });
await Promise.all([isBuilt ? play(fromGit) : undefined, play(cluster)]);

if (tally.passed + tally.failed === 0) {
  console.error(`No test file starts with ${only.join(' or ')}`);
  process.exit(2);
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
