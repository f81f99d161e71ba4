import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { ClusterProgram } from '../binaries/recipe.ts';
import { findProgram } from '../binaries.ts';
import { assertRunning, startDaemon } from '../machine/daemon.ts';
import type { ProcessId } from '../machine/process-id.ts';
import { waitFor } from '../machine/wait.ts';
import { apiserverFlags, controllerManagerFlags, etcdFlags, schedulerFlags } from './flags.ts';
import type { Layout } from './layout.ts';
import { waitUntilReady } from './ready.ts';
import type { ControlPlaneSettings } from './settings.ts';

/** The settings of the control plane kept in this folder. */
export function readSettings(layout: Layout): ControlPlaneSettings {
  return JSON.parse(readFileSync(layout.settings, 'utf8')) as ControlPlaneSettings;
}

/** Starts etcd and waits for its socket. @throws LabProblem when it ends first. */
export async function startEtcd(
  layout: Layout,
  settings: ControlPlaneSettings,
  signal?: AbortSignal,
): Promise<ProcessId> {
  rmSync(layout.etcdSocket, { force: true });
  rmSync(layout.etcdPeerSocket, { force: true });
  const etcd = await start('etcd', etcdFlags(layout), layout, settings);
  await waitFor(
    () => {
      assertRunning(etcd, 'etcd', layout.log('etcd'));
      return existsSync(layout.etcdSocket);
    },
    { what: 'etcd to listen', withinMs: 60_000, everyMs: 20, signal },
  );
  return etcd;
}

/** Starts the apiserver and waits until it is ready. @throws LabProblem when it ends first, as on a taken port. */
export async function startApiserver(
  layout: Layout,
  settings: ControlPlaneSettings,
  started: (id: ProcessId) => void,
  signal?: AbortSignal,
): Promise<ProcessId> {
  const apiserver = await start('kube-apiserver', apiserverFlags(layout, settings), layout, settings);
  started(apiserver);
  await waitUntilReady(layout, settings, apiserver, signal);
  return apiserver;
}

/** Starts the controller manager; it waits for the apiserver by itself. */
export function startControllerManager(layout: Layout, settings: ControlPlaneSettings): Promise<ProcessId> {
  return start('kube-controller-manager', controllerManagerFlags(layout, settings), layout, settings);
}

/** Starts the scheduler; it waits for the apiserver by itself. */
export function startScheduler(layout: Layout, settings: ControlPlaneSettings): Promise<ProcessId> {
  return start('kube-scheduler', schedulerFlags(layout), layout, settings);
}

async function start(
  name: ClusterProgram,
  flags: readonly string[],
  layout: Layout,
  settings: ControlPlaneSettings,
): Promise<ProcessId> {
  return startDaemon({
    command: [await findProgram(name), ...flags],
    logFile: layout.log(name),
    lifetime: settings.lifetime,
    env: settings.env,
    directory: layout.directory,
  });
}
