import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AuditEvent, readAuditLog } from './control-plane/audit.ts';
import { openAuthority } from './control-plane/authority.ts';
import { writeFiles, writeUserKubeconfig } from './control-plane/files.ts';
import { type Layout, layoutOf } from './control-plane/layout.ts';
import { startApiserver, startControllerManager, startEtcd, startScheduler } from './control-plane/programs.ts';
import { type ControlPlaneSettings, urlOf } from './control-plane/settings.ts';
import { freePort } from './machine/free-port.ts';
import { endProcesses, type ProcessId } from './machine/process-id.ts';
import { LabProblem, messageOf } from './problem.ts';

/** What can be chosen of a control plane; all but the folder has a default that suits a test. */
export interface ControlPlaneOptions {
  /** Holds everything that the control plane writes; made when absent. What an earlier one left there is removed. */
  readonly directory: string;
  /** An address of this machine; 127.0.0.1 when left out. */
  readonly bindAddress?: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Keeps an audit log of every request (see `requests`); off when left out. */
  readonly auditLog?: boolean;
  /** Runs kube-controller-manager and kube-scheduler too; off when left out. */
  readonly controllers?: boolean;
  /** With this process (the default), or on their own. */
  readonly lifetime?: 'with-parent' | 'detached';
  readonly routeToPods?: boolean;
  readonly serviceCidrs?: readonly string[];
  readonly extraApiserverFlags?: readonly string[];
  readonly extraControllerManagerFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Told of each process as soon as it runs, before it is ready. */
  readonly started?: (name: ControlPlaneProcess, id: ProcessId) => void;
  readonly signal?: AbortSignal;
}

/** The programs of a control plane. */
export type ControlPlaneProcess = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/** A running control plane. */
export interface ControlPlane {
  readonly url: string;
  /** PEM of the authority that signed the apiserver's certificate. */
  readonly authority: string;
  /** File of the kubeconfig of the administrator (group system:masters). */
  readonly kubeconfig: string;
  /** The administrator's bearer token, for a client of one's own. */
  readonly adminToken: string;
  /** Gives a user of this name and these groups a client certificate; returns the file of the kubeconfig. */
  readonly kubeconfigFor: (user: string, groups?: readonly string[]) => Promise<string>;
  /** Every request so far, each once, in order; empty without `auditLog`. */
  readonly requests: () => readonly AuditEvent[];
  /** Kills the apiserver; its data stays. */
  readonly stopApiserver: () => Promise<void>;
  /** Starts the apiserver again at the same address. */
  readonly startApiserver: () => Promise<void>;
  /** Ends every process; the folder stays, with the logs in it. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts etcd and kube-apiserver, and on demand the controllers, in one
 * folder. Needs no root, and without `bindAddress` no network but loopback.
 *
 * @throws LabProblem when a program can't be built, ends early or isn't ready in time; nothing is left running then.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const layout = layoutOf(resolve(options.directory));
  checkSocketPath(layout);
  rmSync(layout.directory, { recursive: true, force: true });
  // A port that looked free may be taken before the apiserver has it; another one is tried then.
  for (let triesLeft = options.port === undefined ? 5 : 1; ; ) {
    const settings = await settingsOf(options);
    const running = new Map<ControlPlaneProcess, ProcessId>();
    try {
      return await startAll(layout, settings, options, running);
    } catch (error) {
      await endProcesses([...running.values()], 0);
      triesLeft -= 1;
      if (triesLeft === 0 || !/address already in use/.test(messageOf(error))) throw error;
      rmSync(layout.directory, { recursive: true, force: true });
    }
  }
}

async function startAll(
  layout: Layout,
  settings: ControlPlaneSettings,
  options: ControlPlaneOptions,
  running: Map<ControlPlaneProcess, ProcessId>,
): Promise<ControlPlane> {
  const note = (name: ControlPlaneProcess) => (id: ProcessId) => {
    running.set(name, id);
    options.started?.(name, id);
  };
  await writeFiles(layout, settings);
  note('etcd')(await startEtcd(layout, settings, options.signal));
  await startApiserver(layout, settings, note('kube-apiserver'), options.signal);
  if (settings.controllers) {
    note('kube-controller-manager')(await startControllerManager(layout, settings));
    note('kube-scheduler')(await startScheduler(layout, settings));
  }
  const authority = await openAuthority(layout.directory);
  return {
    url: urlOf(settings),
    authority: authority.certificate,
    kubeconfig: layout.kubeconfig,
    adminToken: settings.adminToken,
    kubeconfigFor: (user, groups = []) => writeUserKubeconfig(layout, settings, authority, { user, groups }),
    requests: () => readAuditLog(layout.auditLog),
    stopApiserver: () => endProcesses([running.get('kube-apiserver')!], 0),
    startApiserver: async () => {
      await startApiserver(layout, settings, note('kube-apiserver'));
    },
    stop: () => endProcesses([...running.values()], 0),
  };
}

async function settingsOf(options: ControlPlaneOptions): Promise<ControlPlaneSettings> {
  const bindAddress = options.bindAddress ?? '127.0.0.1';
  return {
    bindAddress,
    port: options.port ?? (await freePort(bindAddress)),
    adminToken: randomBytes(16).toString('hex'),
    lifetime: options.lifetime ?? 'with-parent',
    auditLog: options.auditLog ?? false,
    controllers: options.controllers ?? false,
    routeToPods: options.routeToPods ?? false,
    serviceCidrs: options.serviceCidrs ?? ['10.96.0.0/16', 'fd00:96::/112'],
    extraApiserverFlags: options.extraApiserverFlags ?? [],
    extraControllerManagerFlags: options.extraControllerManagerFlags ?? [],
    env: options.env ?? {},
  };
}

/** A socket's path has room for 107 bytes (unix(7)), and etcd's message about a longer one hides that. */
function checkSocketPath(layout: Layout): void {
  if (Buffer.byteLength(layout.etcdPeerSocket) <= 107) return;
  throw new LabProblem(
    `Cannot keep a control plane in "${layout.directory}": the path of its sockets has more than 107 bytes; use a shorter folder`,
  );
}
