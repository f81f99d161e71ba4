/**
 * `berth plan` on real public repositories, where the folder `../shared/corpus`
 * is there: it must not fail, must name no address that nobody wrote and no
 * pool holds, and must say the same whatever the order of the files.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAddress } from '../../src/core/net/address.ts';
import { parseRange, rangeContains } from '../../src/core/net/range.ts';
import { emptyState } from '../../src/plan/cluster-state.ts';
import { readFlux, rootOfTree } from '../../src/plan/flux/read-flux.ts';
import { planOf } from '../../src/plan/forecast/forecast.ts';
import type { PlanReport } from '../../src/plan/forecast/report.ts';
import { FORMATS, render } from '../../src/plan/format/render.ts';
import { type ReadResult, readFiles } from '../../src/plan/read/files.ts';
import { type Figure, spread } from '../figure.ts';
import { project } from '../ground.ts';
import type { MeasureOptions } from '../measure.ts';

const corpus = join(project, '../shared/corpus');

export function planCorpus(_options: MeasureOptions): Promise<Figure[]> {
  if (!existsSync(corpus)) {
    console.error(`bench: no corpus at ${corpus}; nothing to plan`);
    return Promise.resolve([]);
  }
  const repositories = readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const good = repositories.filter(({ name }) => isGood(join(corpus, name))).length;
  const all = repositories.length;
  const figure: Figure = {
    name: 'plan of public repositories',
    unit: 'repositories',
    berth: spread([good]),
    floor: undefined,
    peers: {},
    goal: `${all} of ${all} without a crash, an invented address, or a word that hangs on the order of files (${good})`,
    met: good === all,
  };
  return Promise.resolve([figure]);
}

function isGood(folder: string): boolean {
  const faults = readings(folder).flatMap(([name, read]) => faultsOf(read).map((fault) => `${name}: ${fault}`));
  for (const fault of faults) console.error(`bench: ${fault}`);
  return faults.length === 0;
}

/** Each place where Flux begins, and all files together. */
function readings(folder: string): readonly (readonly [string, ReadResult])[] {
  const files = readFiles([folder], () => '');
  const flux = begins(folder).map((begin) => [begin, readFlux(begin, rootOfTree(begin, folder))] as const);
  return [[folder, files], ...flux];
}

/** Folders with Flux Kustomizations that point at other folders, the outermost ones. */
function begins(folder: string): readonly string[] {
  const files = globSync(join(folder, '**/*.yaml')).filter((file) =>
    readFileSync(file, 'utf8').includes('kustomize.toolkit.fluxcd.io'),
  );
  const folders = [...new Set(files.map(dirname))].sort();
  return folders.filter((each) => !folders.some((other) => other !== each && each.startsWith(`${other}/`))).slice(0, 4);
}

function faultsOf(read: ReadResult): readonly string[] {
  const faults: string[] = [];
  const plan = (manifests: ReadResult['manifests'], wishes: ReadResult['wishes']): PlanReport =>
    planOf({ ...read, manifests, wishes, before: emptyState(), managed: 'nothing', now: 0 });
  const report = plan(read.manifests, read.wishes);
  const turned = plan([...read.manifests].reverse(), [...read.wishes].reverse());
  for (const format of FORMATS) {
    if (render(report, format) !== render(turned, format)) faults.push(`${format} hangs on the order of files`);
  }
  const ranges = rangesOf(read);
  for (const { service, addresses } of report.services) {
    for (const text of addresses) {
      const address = parseAddress(text);
      if (!address.ok || !ranges.some((range) => rangeContains(range, address.value)))
        faults.push(`${service} was promised ${text}`);
    }
  }
  return faults;
}

function rangesOf({ manifests }: ReadResult): readonly Parameters<typeof rangeContains>[0][] {
  return manifests
    .filter(({ kind }) => kind === 'IPAddressPool')
    .flatMap(({ object }) => {
      const { addresses } = (object.spec ?? {}) as { readonly addresses?: unknown };
      return (Array.isArray(addresses) ? addresses : []).flatMap((text) => {
        const parsed = parseRange(String(text));
        return parsed.ok ? [parsed.value.range] : [];
      });
    });
}
