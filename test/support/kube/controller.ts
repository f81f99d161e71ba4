/** The reconciling half of the controller in this process: all but the webhook. */
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { connectToCluster, type KubeClient } from '../../../src/kube/client.ts';
import { EventRecorder } from '../../../src/kube/event-recorder.ts';
import { LeaderLease } from '../../../src/kube/lease.ts';
import { LiveWorld } from '../../../src/kube/live-world.ts';
import { runReconciler } from '../../../src/reconciler/run.ts';
import { createLogger, type LogLevel } from '../../../src/telemetry/logger.ts';
import { createRegistry } from '../../../src/telemetry/metrics.ts';
import { configNamespace } from './cluster-ground.ts';

export interface ControllerOptions {
  readonly kubeconfig: string;
  /** Also its user agent. */
  readonly name: string;
  readonly loadBalancerClass?: string;
  /** As in a cluster with speakers. */
  readonly tellsAnnouncements?: boolean;
  /** Of the Lease; the defaults where absent. */
  readonly lease?: { readonly durationMs: number; readonly renewDeadlineMs: number; readonly retryMs: number };
  readonly level?: LogLevel;
  /** What its client goes through, to hurt it. */
  readonly through?: (client: KubeClient) => KubeClient;
}

export interface Controller {
  readonly world: LiveWorld;
  readonly lease: LeaderLease;
  readonly client: KubeClient;
  readonly registry: ReturnType<typeof createRegistry>;
  /** Log lines so far. */
  readonly lines: readonly string[];
  /** As at SIGTERM: finishes, gives the Lease back, closes. */
  stop(): Promise<void>;
}

export async function startController(options: ControllerOptions): Promise<Controller> {
  const { kubeconfig, name } = options;
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = createLogger({ component: 'controller', level: options.level ?? 'info', destination });
  const { through = (each) => each } = options;
  const client = through(await connectToCluster({ path: kubeconfig }, { userAgent: name }));
  const worldSignal = new AbortController();
  const stop = new AbortController();
  const { loadBalancerClass, tellsAnnouncements = false } = options;
  const world = new LiveWorld({ client, log, signal: worldSignal.signal, loadBalancerClass });
  const events = new EventRecorder({
    client,
    reportingController: 'berth.dev/controller',
    reportingInstance: name,
    log,
  });
  const identity = `${name}_${randomUUID()}`;
  const lease = new LeaderLease({
    client,
    namespace: configNamespace,
    name: 'berth-controller',
    identity,
    log,
    ...options.lease,
  });
  const registry = createRegistry({ component: 'controller', processMetrics: false });
  let stopped: Promise<void> | undefined;
  const { signal } = stop;
  const done = runReconciler({ world, client, lease, events, registry, log, signal, tellsAnnouncements });
  return {
    world,
    lease,
    client,
    registry,
    lines,
    stop() {
      stopped ??= shutDown();
      return stopped;
    },
  };

  async function shutDown(): Promise<void> {
    stop.abort();
    await done;
    await events.close();
    worldSignal.abort();
    client.close();
  }
}
