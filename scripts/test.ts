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
import { withFlux } from './test/flux-ground.ts';
import { withLab } from './test/lab-ground.ts';
import { runFiles, type Tally } from './test/run-files.ts';

interface Stage {
  readonly name: string;
  readonly files: readonly string[];
  /** Files at once. */
  readonly concurrency: number;
  readonly ground?: (run: () => Promise<Tally>) => Promise<Tally>;
}

const stages: readonly Stage[] = [
  {
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
  },
  // Control planes on ports of their own, which mostly wait: three at once.
  {
    name: 'apiserver and images',
    files: [
      'test/{admission,delivery,takeover}/**/*.test.ts',
      'test/cluster/{kinds,reconciler}*.test.ts',
      'test/plan/cluster/*.test.ts',
    ],
    concurrency: 3,
  },
  // These look at what is left on the machine, or listen to it: one by one.
  { name: 'wires and labs', files: ['test/wire/**/*.test.ts', 'test/cluster/lab*.test.ts'], concurrency: 1 },
  { name: 'run from git', files: ['test/cluster/flux.test.ts'], concurrency: 1, ground: withFlux },
  { name: 'a whole cluster', files: ['test/lab/**/*.test.ts'], concurrency: 1, ground: withLab },
];

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
for (const stage of stages) {
  const files = stage.files
    .flatMap((pattern) => globSync(pattern))
    .filter(wanted)
    .sort();
  if (files.length === 0) continue;
  console.log(`\n# ${stage.name}: ${files.length} files`);
  const run = (): Promise<Tally> => runFiles(files, stage.concurrency);
  add(await (stage.ground ? stage.ground(run) : run()));
}
if (tally.passed + tally.failed === 0) {
  console.error(`No test file starts with ${only.join(' or ')}`);
  process.exit(2);
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
