import { existsSync } from 'node:fs';
import { berthImage } from './berth-image.ts';
import { ensureBinaries } from './binaries.ts';
import { startControlPlane } from './control-plane.ts';
import { labDown } from './down.ts';
import { fluxImages } from './flux/images.ts';
import { labImages } from './images/lab-images.ts';
import { Lab } from './lab.ts';
import { requireLinux, requireRoot } from './machine/checks.ts';
import { withReason } from './machine/reason.ts';
import { allOf } from './machine/settled.ts';
import { labName } from './name.ts';
import { buildLan } from './network/lan.ts';
import { namespacesLike } from './network/namespace.ts';
import { mostNodes, planOf } from './network/plan.ts';
import { importEverywhere } from './node/images.ts';
import { registerNodes, waitForNodes } from './node/register.ts';
import { seedOf } from './node/seed.ts';
import { admitNode, switchOn } from './node/switch.ts';
import { ensurePackages } from './packages.ts';
import { LabProblem } from './problem.ts';
import { type Report, reportToStderr, step } from './progress.ts';
import {
  claimSlot,
  labData,
  notedProcesses,
  noteProcess,
  readRecord,
  releaseUpLock,
  takeUpLock,
  upInProgress,
  writeRecord,
} from './state.ts';

/** The port of the apiserver; its address is the lab's own, so no other lab has it. */
const apiserverPort = 6443;

/** What can be chosen of a lab. */
export interface UpOptions {
  readonly name?: string;
  /** 3 when left out. */
  readonly nodes?: number;
  /** Builds Berth's image and has it on every node; off when left out. Installing Berth is another step (berth.ts). */
  readonly berth?: boolean;
  /** Has the images of Flux's controllers on every node; off when left out. Installing them is another step (flux.ts). */
  readonly flux?: boolean;
  readonly extraApiserverFlags?: readonly string[];
  readonly extraControllerManagerFlags?: readonly string[];
  readonly report?: Report;
  /** Ends the work in the middle; what was made until then is removed. */
  readonly signal?: AbortSignal;
}

/**
 * Brings up a lab: control plane, wires and nodes, all nodes Ready. A lab that
 * runs already is returned as it is; what an `up` that was killed left behind
 * is removed first. When it fails, nothing is left.
 *
 * @throws LabProblem naming what is in the way, or the reason of the signal.
 */
export function labUp(options: UpOptions = {}): Promise<Lab> {
  return withReason(options.signal, () => up(options));
}

async function up(options: UpOptions): Promise<Lab> {
  const report = options.report ?? reportToStderr;
  const [name, nodes] = [labName(options.name), options.nodes ?? 3];
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes) {
    throw new LabProblem(`Cannot start ${nodes} nodes: use a whole number from 1 to ${mostNodes}, such as NODES=3`);
  }
  requireLinux('start a lab');
  requireRoot('start a lab');
  const running = whatRuns(name);
  if (running !== undefined) {
    report(`Lab "${name}" is running with ${running.plan.nodes.length} nodes`);
    if (options.berth || options.flux) await importEverywhere(running, await buildImages(options), options.signal);
    return running;
  }
  await ensurePackages(undefined, report, options.signal);
  await ensureBinaries(report, options.signal);
  // Where they must be built, that takes minutes: before anything runs.
  if (options.flux) await fluxImages(report, options.signal);
  if (upInProgress(name) === undefined && isSomethingLeft(name)) {
    report(`Removing what is left of an earlier lab "${name}"`);
    await labDown(name, report);
  }
  takeUpLock(name);
  try {
    return await build(name, nodes, { ...options, report });
  } catch (error) {
    await labDown(name, report);
    throw error;
  }
}

/** The lab of this name if it runs; one that is being brought up or was left in the middle doesn't count. */
function whatRuns(name: string): Lab | undefined {
  const record = readRecord(name);
  if (!record?.complete || upInProgress(name) !== undefined || notedProcesses(name).length === 0) return undefined;
  return new Lab(planOf(name, record.slot, record.nodes));
}

/** Such as after a crash, or after a restart of the machine, which empties /run alone. */
function isSomethingLeft(name: string): boolean {
  return readRecord(name) !== undefined || existsSync(labData(name)) || namespacesLike(`berth-${name}-`).length > 0;
}

async function build(name: string, nodes: number, options: UpOptions & { readonly report: Report }): Promise<Lab> {
  const { report, signal } = options;
  const record = { name, slot: claimSlot(name), nodes, complete: false };
  writeRecord(record);
  const lab = new Lab(planOf(name, record.slot, nodes));
  report(`Starting lab "${name}": ${nodes} ${nodes === 1 ? 'node' : 'nodes'}, LAN ${lab.plan.lan.ipv4}`);

  const images = step(report, 'Images built', () => buildImages(options));
  const wires = step(report, 'Wires: switch, client, router, nodes', () => buildLan(lab.plan));
  await allOf([
    wires.then(() => step(report, 'Control plane: etcd, apiserver, controllers', () => startPlane(lab, options))),
    allOf([images, wires]).then(([archives]) =>
      step(report, 'containerd on every node, with the images', async () => {
        signal?.throwIfAborted();
        const seed = await seedOf(archives, signal);
        await allOf(lab.plan.nodes.map((node) => switchOn(lab, node, seed)));
        await importEverywhere(lab, archives, signal);
      }),
    ),
  ]);
  await step(report, 'Nodes registered and Ready', async () => {
    await registerNodes(lab, signal);
    await allOf(lab.plan.nodes.map((node) => admitNode(lab, node)));
    await waitForNodes(lab, signal);
  });
  writeRecord({ ...record, complete: true });
  releaseUpLock(name);
  return lab;
}

/** The archives of the lab's own images, and of those that are wanted besides. */
async function buildImages({ berth, flux, report, signal }: UpOptions): Promise<readonly string[]> {
  const images = await allOf([
    labImages(),
    ...(flux ? [fluxImages(report, signal)] : []),
    ...(berth ? [berthImage()] : []),
  ]);
  return images.flat().map((image) => image.file);
}

async function startPlane(lab: Lab, options: UpOptions): Promise<void> {
  await startControlPlane({
    directory: lab.layout.directory,
    bindAddress: lab.plan.host.ipv4,
    port: apiserverPort,
    auditLog: true,
    controllers: true,
    lifetime: 'detached',
    routeToPods: true,
    serviceCidrs: [lab.plan.serviceCidrs.ipv4, lab.plan.serviceCidrs.ipv6],
    extraApiserverFlags: options.extraApiserverFlags ?? [],
    extraControllerManagerFlags: options.extraControllerManagerFlags ?? [],
    env: lab.mark,
    started: (role, id) => noteProcess(lab.name, role, id),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}
