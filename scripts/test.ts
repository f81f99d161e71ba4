/**
 * `make test`: every test of the project, in the order in which a fault is
 * cheapest to find, closing with one plain line `N passed, N failed`.
 *
 * Arguments are path prefixes that narrow the run: `make test ONLY=src/core`.
 */
import { globSync } from 'node:fs';
import { check } from './test/check.ts';
import { withLab } from './test/lab-ground.ts';
import { runFiles, type Tally } from './test/run-files.ts';

/** Files that are run by themselves, so many at once. */
interface Lane {
  readonly files: readonly string[];
  readonly concurrency: number;
}

interface Stage {
  readonly name: string;
  /** Side by side. */
  readonly lanes: readonly Lane[];
  /** What stands around all lanes where files of `for` are among them. */
  readonly ground?: { readonly for: string; readonly around: (run: () => Promise<Tally>) => Promise<Tally> };
}

const stages: readonly Stage[] = [
  {
    name: 'units',
    lanes: [
      {
        files: [
          'src/**/*.test.ts',
          'scripts/**/*.test.ts',
          'lab/**/*.test.ts',
          'image/**/*.test.ts',
          'test/plan/*.test.ts',
        ],
        concurrency: 2,
      },
    ],
  },
  {
    name: 'apiserver and images',
    lanes: [
      // Control planes on ports of their own, which mostly wait: two at once.
      {
        files: [
          'test/{admission,delivery,takeover}/**/*.test.ts',
          'test/cluster/{kinds,reconciler}*.test.ts',
          'test/plan/cluster/*.test.ts',
        ],
        concurrency: 2,
      },
    ],
  },
  {
    name: 'a whole cluster, wires and labs',
    ground: { for: 'test/lab/', around: withLab },
    lanes: [
      // They hurt one cluster: one by one.
      { files: ['test/lab/**/*.test.ts'], concurrency: 1 },
      // These look at what is left on the machine, or listen to it: one by one, and the cluster beside them stays.
      { files: ['test/wire/**/*.test.ts', 'test/cluster/lab*.test.ts'], concurrency: 1 },
    ],
  },
];

const only = process.argv.slice(2);
const wanted = (file: string): boolean => only.length === 0 || only.some((prefix) => file.startsWith(prefix));

let tally: Tally = { passed: 0, failed: 0 };
function add(more: Tally): void {
  tally = sum([tally, more]);
}

function sum(tallies: readonly Tally[]): Tally {
  const of = (count: keyof Tally): number => tallies.reduce((all, each) => all + each[count], 0);
  return { passed: of('passed'), failed: of('failed') };
}

if (only.length === 0) {
  add(check('format and rules', 'node_modules/.bin/biome', ['check', '--error-on-warnings', '.']));
  add(check('types', 'node_modules/.bin/tsc', []));
}
for (const stage of stages) {
  const lanes = stage.lanes
    .map(({ files, concurrency }) => ({ files: files.flatMap((each) => globSync(each)).filter(wanted), concurrency }))
    .filter(({ files }) => files.length > 0);
  const files = lanes.flatMap((lane) => lane.files);
  if (files.length === 0) continue;
  console.log(`\n# ${stage.name}: ${files.length} files`);
  const run = async (): Promise<Tally> =>
    sum(await Promise.all(lanes.map((lane) => runFiles([...lane.files].sort(), lane.concurrency))));
  const { ground } = stage;
  add(await (ground && files.some((file) => file.startsWith(ground.for)) ? ground.around(run) : run()));
}
if (tally.passed + tally.failed === 0) {
  console.error(`No test file starts with ${only.join(' or ')}`);
  process.exit(2);
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
