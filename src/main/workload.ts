/** What both workloads start with: log, metrics, health, a client on the cluster, an end at SIGTERM. */
import { setFlagsFromString } from 'node:v8';
import type { Registry } from 'prom-client';
import { connectToCluster, type KubeClient } from '../kube/client.ts';
import { Health } from '../telemetry/health.ts';
import { serveHealth } from '../telemetry/health-server.ts';
import { observeCalls } from '../telemetry/kube-calls.ts';
import { createLogger, type Logger, type LogLevel } from '../telemetry/logger.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { shutdownSignal } from './shutdown.ts';

/** Options that every workload takes from the command line. */
export interface WorkloadOptions {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly healthPort: number;
  readonly logLevel: LogLevel;
  readonly lbClass?: string;
}

export interface Workload {
  readonly log: Logger;
  readonly registry: Registry;
  readonly health: Health;
  readonly client: KubeClient;
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal;
}

/** @throws Error where the cluster can't be found or the health port is taken. */
export async function startWorkload(component: string, options: WorkloadOptions): Promise<Workload> {
  // V8 then lets its heap grow by little at a time: a burst leaves 30 MB less behind (make bench ONLY=memory).
  setFlagsFromString('--optimize-for-size');
  const log = createLogger({ component, level: options.logLevel });
  const signal = shutdownSignal(log);
  const registry = createRegistry({ component });
  const health = new Health();
  const client = await connectToCluster(options.kubeconfig === undefined ? {} : { path: options.kubeconfig }, {
    userAgent: `berth-${component}`,
    observe: observeCalls(registry),
  });
  await serveHealth({ health, registry, port: options.healthPort, signal });
  return { log, registry, health, client, signal };
}

/** Runs a role to its end; what ends it early is logged and becomes the exit code. */
export async function untilDone(workload: Workload, role: () => Promise<void>): Promise<void> {
  const { log, client, signal } = workload;
  try {
    await role();
    log.info({}, 'stopped');
  } catch (error) {
    if (signal.aborted) return log.warn({ err: error }, 'stopped before all was done');
    log.fatal({ err: error }, 'ended by an error');
    process.exitCode = 1;
  } finally {
    client.close();
    // Whatever still holds the event loop must not outlive the role: its answers would be stale.
    setTimeout(() => process.exit(), 1_000).unref();
  }
}
