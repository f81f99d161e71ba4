/**
 * A real apiserver with Berth's manifests, and the real controller beside it
 * as a plain process under its shipped rights: what an author's kubectl meets.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findProgram } from '../../lab/binaries.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../lab/control-plane.ts';
import { assertRunning, lastWords, startDaemon } from '../../lab/machine/daemon.ts';
import { freePort } from '../../lab/machine/free-port.ts';
import { endProcesses, type ProcessId } from '../../lab/machine/process-id.ts';
import { attempt, type Outcome, run } from '../../lab/machine/run.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { connectToCluster } from '../../src/kube/client.ts';
import type { AuditEntry } from '../../src/webhook/audit/audit.ts';

export const project = resolve(import.meta.dirname, '../..');
const LONG = 60_000;
export const CONTROLLER_USER = 'system:serviceaccount:metallb-system:controller';

export interface Controller {
  readonly port: number;
  readonly healthPort: number;
  readonly logFile: string;
  stop(graceMs?: number): Promise<void>;
}

export interface Ground {
  readonly controlPlane: ControlPlane;
  /** As the administrator. */
  readonly client: KubeClient;
  readonly directory: string;
  /** Runs kubectl, as the administrator or as the user of a kubeconfig, with a manifest on its standard input. */
  kubectl(args: readonly string[], more?: { readonly input?: object; readonly kubeconfig?: string }): Promise<Outcome>;
  /** Starts a controller and waits until it is ready. */
  startController(...flags: string[]): Promise<Controller>;
  /** The audit trail of a controller so far. */
  auditTrail(controller: Controller): readonly AuditEntry[];
  stop(): Promise<void>;
}

/** Starts the apiserver and applies definitions, roles and webhook configurations, as `kubectl apply -k` would. */
export async function startGround(options: Partial<ControlPlaneOptions> = {}): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-adm-'));
  const controlPlane = await startControlPlane({ directory: join(directory, 'cp'), ...options });
  const program = await findProgram('kubectl');
  const client = await connectToCluster({ path: controlPlane.kubeconfig }, { userAgent: 'admission-test' });
  const running = new Set<ProcessId>();

  const kubectl: Ground['kubectl'] = (args, { input, kubeconfig = controlPlane.kubeconfig } = {}) =>
    attempt([program, '--kubeconfig', kubeconfig, ...args], input ? { input: JSON.stringify(input) } : {});

  const ground: Ground = {
    controlPlane,
    client,
    directory,
    kubectl,
    async startController(...flags) {
      const [port, healthPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
      const kubeconfig = await controlPlane.kubeconfigFor(CONTROLLER_USER, [
        'system:serviceaccounts',
        'system:serviceaccounts:metallb-system',
      ]);
      const logFile = join(directory, `controller-${port}.log`);
      const id = await startDaemon({
        command: [
          ...[process.execPath, join(project, 'src/main.ts'), 'controller', '--kubeconfig', kubeconfig],
          ...['--webhook-port', String(port), '--health-port', String(healthPort)],
          ...(flags.some((flag) => flag.startsWith('--webhook-url'))
            ? []
            : [`--webhook-url=https://127.0.0.1:${port}`]),
          ...flags,
        ],
        logFile,
        lifetime: 'with-parent',
      });
      running.add(id);
      await waitFor(
        async () => {
          assertRunning(id, 'The controller', logFile);
          return (await isReady(healthPort)) || undefined;
        },
        { what: 'a ready controller', withinMs: LONG, hint: () => lastWords(logFile) },
      );
      return {
        port,
        healthPort,
        logFile,
        async stop(graceMs = 30_000) {
          running.delete(id);
          await endProcesses([id], graceMs);
        },
      };
    },
    auditTrail({ logFile }) {
      const text = readFileSync(logFile, 'utf8');
      const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
      return lines.filter((line) => line.includes('"stream":"audit"')).map((line) => JSON.parse(line) as AuditEntry);
    },
    async stop() {
      await endProcesses([...running], 0);
      client.close();
      await controlPlane.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    const admin = [program, '--kubeconfig', controlPlane.kubeconfig];
    await run([...admin, 'apply', '--server-side', '-k', join(project, 'kustomize/base/crds')]);
    await run([...admin, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    await run([...admin, 'apply', '--server-side', '-f', join(project, 'kustomize/base/namespace.yaml')]);
    for (const part of ['rbac', 'webhook']) {
      await run([...admin, 'apply', '--server-side', '-k', join(project, 'kustomize/base', part)]);
    }
  } catch (error) {
    await ground.stop();
    throw error;
  }
  return ground;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
  } catch (error) {
    // Not listening yet: the caller looks again, and at whether the process lives.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
