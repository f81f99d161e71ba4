/** Holds what `berth plan` says of each commit of a random repository against what the cluster then does. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Service } from '../../../src/core/api/kubernetes.ts';
import { ALLOCATED_CONDITION, ALLOCATED_FROM_POOL } from '../../../src/core/api/names.ts';
import { planOf } from '../../../src/plan/forecast/forecast.ts';
import type { PlanReport, ServiceOutlook } from '../../../src/plan/forecast/report.ts';
import { readCluster } from '../../../src/plan/read/cluster.ts';
import { parseState, renderState } from '../../../src/plan/state-file.ts';
import { manifestsOf } from '../../../src/plan/yaml/manifests.ts';
import type { PlanCluster } from './plan-cluster.ts';
import { type GitObject, keyOf, Random, randomRepository, type Tree } from './repository.ts';

/** What was foreseen, counted: a plan that only ever says "unknown" would be right each time. */
export interface Tally {
  commits: number;
  services: number;
  exact: number;
  poolOnly: number;
  refused: number;
  waits: number;
  unknown: number;
  configurationRefused: number;
}

export function emptyTally(): Tally {
  return { commits: 0, services: 0, exact: 0, poolOnly: 0, refused: 0, waits: 0, unknown: 0, configurationRefused: 0 };
}

/** Where a run of random repositories begins: at BERTH_PLAN_SEED, which repeats one, or where the caller says; else anywhere. */
export function firstSeed(otherwise = randomInt(1_000_000_000)): number {
  return Number(process.env.BERTH_PLAN_SEED ?? otherwise);
}

/** One repository, commit by commit. @throws Error that names the seed and the commit, and shows its tree. */
export async function holdAgainst(cluster: PlanCluster, seed: number, tally: Tally): Promise<void> {
  await cluster.clear();
  const random = new Random(seed ^ 0x5f3759df);
  let before: Tree = new Map();
  const taken = new Map<string, GitObject>();
  for (const [index, tree] of randomRepository(seed).entries()) {
    const report = await planned(cluster, tree);
    const where = `seed ${seed}, commit ${index + 1}`;
    try {
      const answers = await applied(cluster, { before, tree, taken }, random);
      for (const outlook of report.services) await holdService(cluster, outlook, answers, tally);
      holdConfiguration(report, answers, tally);
      await holdNobodyForgotten(cluster, report);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${where}: ${message}\n${stringify([...tree.values()])}`, { cause });
    }
    tally.commits += 1;
    before = tree;
  }
}

async function planned(cluster: PlanCluster, tree: Tree): Promise<PlanReport> {
  const text = [...tree.values()].map((object) => stringify(object)).join('---\n');
  const { manifests, problems } = manifestsOf('repository.yaml', text);
  const state = parseState(renderState(await readCluster(cluster.client)), 'state.yaml');
  return planOf({ manifests, wishes: [], problems, before: state, managed: 'everything', now: Date.now() });
}

/** What admission said of each object, by its key; undefined: nothing against it. */
type Answers = ReadonlyMap<string, string | undefined>;

interface Commit {
  readonly before: Tree;
  readonly tree: Tree;
  /** What the cluster took of earlier commits: it isn't applied again while it is the same. */
  readonly taken: Map<string, GitObject>;
}

/** As Flux does: namespaces, configuration by kind and name, Services; what is gone last. Services come in any order. */
async function applied(cluster: PlanCluster, { before, tree, taken }: Commit, random: Random): Promise<Answers> {
  const answers = new Map<string, string | undefined>();
  const ofKind = (wanted: (kind: string) => boolean): GitObject[] =>
    [...tree.values()].filter(({ kind }) => wanted(kind));
  const configuration = ofKind((kind) => kind !== 'Service' && kind !== 'Namespace').sort(byApplyOrder);
  const services = random.shuffled(ofKind((kind) => kind === 'Service'));
  for (const object of [...ofKind((kind) => kind === 'Namespace'), ...configuration, ...services]) {
    const key = keyOf(object);
    const known = taken.get(key);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(object)) continue;
    const answer = await cluster.apply(object);
    answers.set(key, answer);
    if (answer === undefined) taken.set(key, object);
  }
  const gone = [...new Map([...before, ...taken]).values()].filter((object) => !tree.has(keyOf(object)));
  const rank = ({ kind }: GitObject): number => (kind === 'Service' ? 0 : 1);
  for (const object of gone.sort((a, b) => rank(a) - rank(b) || byApplyOrder(a, b))) {
    const answer = await cluster.remove(object);
    answers.set(keyOf(object), answer);
    if (answer === undefined) taken.delete(keyOf(object));
  }
  return answers;
}

function byApplyOrder(a: GitObject, b: GitObject): number {
  const order = ({ apiVersion, kind, metadata }: GitObject): string => `${apiVersion} ${kind} ${metadata.name}`;
  return order(a) < order(b) ? -1 : 1;
}

async function holdService(
  cluster: PlanCluster,
  outlook: ServiceOutlook,
  answers: Answers,
  tally: Tally,
): Promise<void> {
  const { service: key, answer, addresses, pool, message, change, adviceOpen } = outlook;
  // Where what is advised is said to be open, the reason before it is what was foreseen.
  const foreseen = (text: string | undefined): string | undefined => (adviceOpen ? text?.split('; ', 1)[0] : text);
  const said = answers.get(`Service/${key}`);
  if (change === 'gone') return;
  tally.services += 1;
  const told = JSON.stringify(outlook);
  if (answer === 'unknown') {
    tally.unknown += 1;
    return;
  }
  if (answer === 'refused') {
    tally.refused += 1;
    assert.equal(foreseen(said), foreseen(message), `foreseen as refused: ${told}`);
    return;
  }
  assert.equal(said, undefined, `foreseen as ${answer}: ${told}`);
  if (answer === 'waits') {
    tally.waits += 1;
    const isTold = (service: Service | undefined): boolean => foreseen(conditionOf(service)) === foreseen(message);
    const first = await eventually(cluster, key, (service) => conditionOf(service) !== undefined);
    // Which other pool it advises is of the time when the controller looked last; a Service that came later may have filled it.
    if (!isTold(first)) await cluster.touch(key);
    const seen = await eventually(cluster, key, isTold);
    assert.equal(foreseen(conditionOf(seen)), foreseen(message), told);
    assert.deepEqual(addressesOf(seen), [], told);
    return;
  }
  const seen = await cluster.read(key);
  if (pool !== undefined) assert.equal(seen?.metadata.annotations?.[ALLOCATED_FROM_POOL], pool, `pool of ${told}`);
  if (addresses.length > 0) {
    tally.exact += 1;
    assert.deepEqual(addressesOf(seen), [...addresses].sort(), told);
  } else {
    tally.poolOnly += 1;
    assert.ok(addressesOf(seen).length > 0, `some address: ${told}`);
  }
}

function holdConfiguration(report: PlanReport, answers: Answers, tally: Tally): void {
  for (const { kind, name, refusal } of report.configuration) {
    if (refusal !== undefined) tally.configurationRefused += 1;
    assert.equal(answers.get(`${kind}/metallb-system/${name}`), refusal, `${kind} ${name}`);
  }
}

/** Every Service that lost or changed its address was spoken of. */
async function holdNobodyForgotten(cluster: PlanCluster, report: PlanReport): Promise<void> {
  for (const { service, loses, change } of report.services) {
    if (loses.length === 0 || change === 'gone') continue;
    const seen = await cluster.read(service);
    assert.ok(!addressesOf(seen).some((each) => loses.includes(each)), `${service} was to lose ${loses.join()}`);
  }
}

/** The Service once `holds` is true of it, or as it is after a long wait. */
async function eventually(
  cluster: PlanCluster,
  key: string,
  holds: (service: Service) => boolean,
): Promise<Service | undefined> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const seen = await cluster.read(key);
    if (seen === undefined || holds(seen) || performance.now() > deadline) return seen;
    await sleep(50);
  }
}

function addressesOf(service: Service | undefined): readonly string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []).sort();
}

function conditionOf(service: Service | undefined): string | undefined {
  return service?.status?.conditions?.find(({ type }) => type === ALLOCATED_CONDITION)?.message;
}
