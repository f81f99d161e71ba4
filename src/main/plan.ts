/** `berth plan` and `berth state export`: what git will do to the cluster, before it does. */
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Family } from '../core/net/address.ts';
import { connectToCluster } from '../kube/client.ts';
import { type ClusterState, emptyState } from '../plan/cluster-state.ts';
import { readFlux, rootOfTree } from '../plan/flux/read-flux.ts';
import { type PlanInput, planOf } from '../plan/forecast/forecast.ts';
import { olderTree } from '../plan/forecast/older-tree.ts';
import type { PlanReport } from '../plan/forecast/report.ts';
import { type Format, render } from '../plan/format/render.ts';
import { findingsOf } from '../plan/format/rows.ts';
import type { Managed } from '../plan/managed.ts';
import { migrationOf, renderMigration } from '../plan/migrate/migration.ts';
import { readCluster } from '../plan/read/cluster.ts';
import { merged, type ReadResult, readFiles } from '../plan/read/files.ts';
import { isCommit, repositoryOf, withTreeOf } from '../plan/read/git.ts';
import { readKustomization } from '../plan/read/kustomize.ts';
import { parseState, renderState } from '../plan/state-file.ts';

export interface PlanOptions {
  readonly filename: readonly string[];
  readonly kustomize: readonly string[];
  readonly flux: readonly string[];
  readonly against: readonly string[];
  readonly prune?: boolean;
  readonly strict?: boolean;
  readonly output: Format;
  readonly families: readonly Family[];
  readonly namespace?: string;
  readonly lbClass?: string;
  readonly kubeconfig?: string;
}

/** Exit codes of the command. */
const CODES: Readonly<Record<PlanReport['verdict'], number>> = { fine: 0, incomplete: 1, refused: 2 };

export async function runPlan(options: PlanOptions): Promise<void> {
  await reporting('plan', async () => {
    const report = await plan(options);
    process.stdout.write(render(report, options.output));
    const warned = options.strict === true && findingsOf(report).some(({ level }) => level === 'warning');
    process.exitCode = report.verdict === 'fine' && warned ? 2 : CODES[report.verdict];
  });
}

export interface ExportOptions {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly outputFile?: string;
}

export async function runStateExport({ kubeconfig, namespace, outputFile }: ExportOptions): Promise<void> {
  await reporting('state export', async () => {
    const text = renderState(await fromCluster(kubeconfig, namespace));
    if (outputFile === undefined) process.stdout.write(text);
    else writeFileSync(outputFile, text);
  });
}

export interface MigrateOptions {
  readonly filename: readonly string[];
  readonly kustomize: readonly string[];
  readonly cluster?: boolean;
  readonly kubeconfig?: string;
  readonly namespace: string;
}

export async function runMigrate({
  filename,
  kustomize,
  cluster,
  kubeconfig,
  namespace,
}: MigrateOptions): Promise<void> {
  await reporting('migrate', async () => {
    if (filename.length + kustomize.length === 0 && cluster !== true) {
      throw new Error('nothing to read: name the files of the install by -f or -k, or the running one by --cluster');
    }
    const files = filename.length === 0 ? [] : [readFiles(filename, () => readFileSync(0, 'utf8'))];
    const read = merged([...files, ...kustomize.map((folder) => readKustomization(folder, rootOf(folder, '.')))]);
    const state = cluster === true ? await fromCluster(kubeconfig, namespace) : undefined;
    process.stdout.write(renderMigration(migrationOf(read, state, Date.now())));
    process.exitCode = read.problems.some(({ severity }) => severity === 'error') ? 1 : 0;
  });
}

/** An error of the surroundings is one line and exit code 1; a defect of our own keeps its stack. */
async function reporting(command: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
    const cause =
      error.cause instanceof Error && !error.message.includes(error.cause.message) ? `: ${error.cause.message}` : '';
    process.stderr.write(`berth ${command}: ${error.message}${cause}\n`);
    process.exitCode = 1;
  }
}

async function plan(options: PlanOptions): Promise<PlanReport> {
  const { filename, kustomize, flux, families, namespace: home, lbClass: loadBalancerClass } = options;
  const places = [...filename, ...kustomize, ...flux];
  if (places.length === 0)
    throw new Error('nothing to plan: name manifests by -f, a kustomization by -k, or a Flux tree by --flux');
  const now = Date.now();
  const source = readAll(options, '.');
  const base = await baseOf(options, places, now);
  const input: PlanInput = {
    manifests: source.manifests,
    wishes: source.wishes,
    problems: [...source.problems, ...base.problems],
    before: base.state ?? emptyState(families),
    managed: options.prune === true ? 'everything' : base.managed,
    loadBalancerClass,
    home,
    now,
    ...(source.comesAfterConfiguration && { comesAfterConfiguration: source.comesAfterConfiguration }),
  };
  return planOf(input);
}

type Source = ReadResult & Pick<PlanInput, 'comesAfterConfiguration'>;

/** @param root The folder that the names are meant from. */
function readAll({ filename, kustomize, flux }: PlanOptions, root: string): Source {
  const at = (name: string): string => (name === '-' || root === '.' ? name : join(root, name));
  const parts: ReadResult[] = [];
  if (filename.length > 0) parts.push(readFiles(filename.map(at), () => readFileSync(0, 'utf8')));
  for (const folder of kustomize.map(at)) parts.push(readKustomization(folder, rootOf(folder, root)));
  const trees = flux.map((folder) =>
    readFlux(at(folder), existsSync(at(folder)) ? rootOfTree(at(folder), rootOf(at(folder), root)) : root),
  );
  const all = merged([...parts, ...trees]);
  const [tree] = trees;
  return tree === undefined ? all : { ...all, comesAfterConfiguration: tree.comesAfterConfiguration };
}

/** What links and bases must not leave: the repository, else the folder itself. */
function rootOf(folder: string, root: string): string {
  if (root !== '.') return root;
  if (!existsSync(folder)) return folder;
  const repository = repositoryOf(folder);
  return repository === undefined ? folder : relative(process.cwd(), repository) || '.';
}

interface Base {
  readonly state: ClusterState | undefined;
  readonly managed: Managed;
  readonly problems: readonly PlanInput['problems'][number][];
}

/** A commit says what git had, a state or cluster says what is there; both together say most. */
async function baseOf(options: PlanOptions, places: readonly string[], now: number): Promise<Base> {
  let state: ClusterState | undefined;
  let older: Base | undefined;
  for (const word of options.against) {
    if (word === 'cluster') state = await fromCluster(options.kubeconfig, options.namespace);
    else if (statSync(word, { throwIfNoEntry: false })?.isFile()) state = parseState(readFileSync(word, 'utf8'), word);
    else older = fromCommit(options, places, word, now);
  }
  if (older === undefined) return { state, managed: 'nothing', problems: [] };
  return { ...older, state: state ?? older.state };
}

async function fromCluster(kubeconfig: string | undefined, namespace: string | undefined): Promise<ClusterState> {
  const client = await connectToCluster(kubeconfig === undefined ? {} : { path: kubeconfig }, {
    userAgent: 'berth-plan',
  });
  try {
    return await readCluster(client, namespace);
  } catch (cause) {
    throw new Error(`Cannot read the cluster at ${client.server}`, { cause });
  } finally {
    client.close();
  }
}

function fromCommit(options: PlanOptions, places: readonly string[], commit: string, now: number): Base {
  const first = places.find((place) => place !== '-' && existsSync(place));
  if (places.includes('-')) throw new Error(`--against ${commit} needs files: an older standard input can't be read`);
  const repository = repositoryOf(first ?? '.');
  if (repository === undefined)
    throw new Error(`--against ${commit}: neither "cluster", nor a state file, and there is no git repository here`);
  if (!isCommit(repository, commit)) {
    throw new Error(
      `--against ${commit}: neither "cluster", nor a file, nor a commit of ${repository}; in CI, fetch it first`,
    );
  }
  const inside = (name: string): string => relative(realpathSync(repository), realpathSync(name));
  return withTreeOf(repository, commit, (folder) => {
    // A folder that is new has no past.
    const there = (name: string): boolean => existsSync(join(folder, inside(name)));
    const moved: PlanOptions = {
      ...options,
      filename: options.filename.filter(there).map(inside),
      kustomize: options.kustomize.filter(there).map(inside),
      flux: options.flux.filter(there).map(inside),
    };
    const source = readAll(moved, folder);
    const broken = source.problems.filter(({ severity }) => severity === 'error');
    const problems = broken.map(({ at, message }) => ({
      severity: 'note' as const,
      rule: 'older-tree',
      at: { ...at, file: relative(folder, at.file) },
      message: `in ${commit}: ${message.replaceAll(`${folder}/`, '')}`,
    }));
    const { state, managed } = olderTree(
      source.manifests,
      { home: options.namespace, loadBalancerClass: options.lbClass },
      options.families,
      now,
    );
    return { state, managed, problems };
  });
}
