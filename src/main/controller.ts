/** The controller role: webhooks and reconciler around one view of the cluster. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { CONTROLLER_LEASE, WEBHOOK_SERVICE } from '../core/api/names.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { describe } from '../kube/kube-error.ts';
import { LeaderLease } from '../kube/lease.ts';
import { LiveWorld } from '../kube/live-world.ts';
import { namespaceGoing } from '../kube/namespace-going.ts';
import { runReconciler } from '../reconciler/run.ts';
import { createAuditStream } from '../webhook/audit/stream.ts';
import { followDirectory } from '../webhook/certificates/directory.ts';
import { CertificateKeeper, serviceNames } from '../webhook/certificates/keep.ts';
import { ServingCertificate } from '../webhook/certificates/serving.ts';
import { liveReads } from '../webhook/live-reads.ts';
import { serveWebhook } from '../webhook/serve.ts';
import { createWebhook } from '../webhook/webhook.ts';
import { admissionMetrics, certificateMetrics } from './admission-metrics.ts';
import { startWorkload, untilDone, type Workload, type WorkloadOptions } from './workload.ts';

export interface ControllerOptions extends WorkloadOptions {
  readonly assignLbClass?: boolean;
  readonly webhookPort: number;
  readonly webhookUrl?: string;
  readonly webhookCertDir?: string;
  readonly identity?: string;
}

export async function runController(options: ControllerOptions): Promise<void> {
  const workload = await startWorkload('controller', options);
  await untilDone(workload, () => run(workload, options));
}

async function run(workload: Workload, options: ControllerOptions): Promise<void> {
  const { client, log, registry, health, signal } = workload;
  const { namespace, lbClass: loadBalancerClass } = options;
  const replica = options.identity ?? hostname();
  // The view outlives the signal: what is under way when it comes still reads from it.
  const viewing = new AbortController();
  const world = new LiveWorld({ client, namespace, loadBalancerClass, log, signal: viewing.signal });
  health.addReadiness('cluster', () => world.unready());

  const webhook = startWebhook(workload, world, options);
  const events = new EventRecorder({
    client,
    reportingController: 'berth.dev/controller',
    reportingInstance: replica,
    log,
  });
  const lease = new LeaderLease({
    client,
    namespace,
    name: CONTROLLER_LEASE,
    // A pod's name alone comes back after a restart of its container.
    identity: `${replica}_${randomUUID()}`,
    log,
  });
  const going = namespaceGoing({
    client,
    namespace,
    onTrouble: (error) => log.warn({ error: describe(error) }, "the controller's own namespace cannot be watched"),
    signal,
  });
  going.addEventListener('abort', () => {
    log.warn({ object: `Namespace/${namespace}` }, 'it is being deleted: no address is given or taken any more');
  });
  try {
    await Promise.all([
      runReconciler({
        world,
        client,
        lease,
        events,
        registry,
        health,
        log,
        // Pools go before pods do: without this every Service would lose its address with them.
        signal: AbortSignal.any([signal, going]),
        namespace,
        tellsAnnouncements: true,
      }),
      webhook,
    ]);
  } finally {
    await events.close();
    viewing.abort();
  }
}

/** Resolves when the webhook has ended after the signal. @throws Error where its port or certificates can't be had. */
async function startWebhook(workload: Workload, world: LiveWorld, options: ControllerOptions): Promise<void> {
  const { client, log: parent, registry, health, signal } = workload;
  const { namespace, webhookUrl, webhookCertDir, lbClass, assignLbClass = false } = options;
  const log = parent.child({ part: 'webhook' });
  const serving = new ServingCertificate();
  certificateMetrics(registry, serving);
  const certificates = keepCertificates();

  let synced = false;
  const complete = world.synced.then(() => {
    synced = true;
  });
  const app = createWebhook({
    view: {
      world: () => (synced ? world.world() : undefined),
      raw: () => world.raw(),
      clusterFamilies: () => world.clusterFamilies(),
    },
    reads: liveReads(client, namespace),
    audit: createAuditStream(),
    metrics: admissionMetrics(registry),
    log,
    namespace,
    classRule: { own: lbClass, assign: assignLbClass },
  });
  let open = false;
  health.addReadiness('webhook', () => (open ? undefined : 'the webhook port is not open yet'));
  const running = await serveWebhook({ app, serving, port: options.webhookPort, signal });
  open = true;
  log.info({ port: running.port }, 'webhook listening');
  await Promise.all([running.closed, certificates, complete]);

  function keepCertificates(): Promise<void> {
    if (webhookCertDir !== undefined) {
      health.addReadiness('certificate', () => (serving.pair ? undefined : `no certificate in ${webhookCertDir} yet`));
      return followDirectory(webhookCertDir, serving, log, signal);
    }
    const keeper = new CertificateKeeper({
      client,
      namespace,
      names: webhookUrl === undefined ? serviceNames(WEBHOOK_SERVICE, namespace) : [new URL(webhookUrl).hostname],
      serving,
      log,
      url: webhookUrl,
    });
    health.addReadiness('certificate', () => keeper.unready);
    return keeper.run(signal);
  }
}
