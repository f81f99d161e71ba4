/** The reconciler: while this process leads, every Service of ours is brought to what is decided for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { NAMESPACE } from '../core/api/names.ts';
import { aborted } from '../kube/aborted.ts';
import type { KubeClient } from '../kube/client.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import { describe } from '../kube/kube-error.ts';
import type { LeaderLease, Term } from '../kube/lease.ts';
import type { LiveWorld, WorldChange } from '../kube/live-world.ts';
import { StatusWriter } from '../kube/status-writer.ts';
import type { Health } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import { AnnouncedConditions } from './announced-conditions.ts';
import { ConfigurationStatusWriter } from './configuration-status-writer.ts';
import { HoldDowns } from './hold-downs.ts';
import { ReconcilerMetrics } from './metrics.ts';
import { Moves } from './moves.ts';
import { Releases } from './releases.ts';
import { ServiceReconciler } from './service-reconciler.ts';

export interface ReconcilerOptions {
  readonly world: LiveWorld;
  readonly client: KubeClient;
  readonly lease: LeaderLease;
  readonly events: EventRecorder;
  readonly registry: Registry;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Where the configuration lives; metallb-system. */
  readonly namespace?: string;
  /** Whether speakers run, so that Services are told who announces them. */
  readonly tellsAnnouncements?: boolean;
  /** Gets a readiness check: a leader is ready once it has looked at every Service. */
  readonly health?: Health;
}

const relistRetryMs = 1_000;

/**
 * Runs until the signal is aborted and every write under way has ended. The
 * first decision comes after everything was read, and after each change of
 * leader everything is read anew.
 */
export async function runReconciler(options: ReconcilerOptions): Promise<void> {
  const { world, lease, log, signal } = options;
  const metrics = new ReconcilerMetrics(options.registry, world, options.events);
  const progress: Progress = { pending: undefined };
  options.health?.addReadiness('reconciler', () => progress.pending);
  await Promise.race([world.synced, aborted(signal)]);
  if (signal.aborted) return;
  log.info({ services: world.services().size }, 'world read');
  const releases = new Releases();
  const unsubscribe = world.onChange((change) => remember(change, world, releases));
  await lease.run(signal, async (term) => {
    metrics.leads(true);
    progress.pending = 'leads, and has not looked at every Service yet';
    try {
      await lead(options, metrics, releases, term, progress);
    } finally {
      metrics.leads(false);
      progress.pending = undefined;
    }
  });
  unsubscribe();
}

/** Whether this process leads or not: the one that leads next has to know. */
function remember(change: WorldChange, world: LiveWorld, releases: Releases): void {
  if (change.kind !== 'claim' || !change.gone) return;
  const { before, lost, previous } = change;
  if (before === undefined || previous === undefined || lost.length === 0) return;
  releases.add({ claim: before, addresses: lost, previous, at: world.world().now });
}

interface Progress {
  /** Why the leader isn't ready. */
  pending: string | undefined;
}

async function lead(
  options: ReconcilerOptions,
  metrics: ReconcilerMetrics,
  releases: Releases,
  term: Term,
  progress: Progress,
): Promise<void> {
  const { world, client, events, log, namespace = NAMESPACE } = options;
  // What the last leader wrote may not have been seen here yet.
  if (!(await readAnew(world, term, log))) return;
  const holdDowns = new HoldDowns({
    client,
    world,
    namespace,
    term,
    log,
    releases,
    onExpiry: () => services.waiters(),
  });
  let addressesWrittenAt = Number.NEGATIVE_INFINITY;
  const writer = new StatusWriter({
    client,
    observe: () => {
      addressesWrittenAt = performance.now();
    },
  });
  const allocatorIdleMs = (): number => performance.now() - addressesWrittenAt;
  const services = new ServiceReconciler({ world, writer, events, metrics, log, term, holdDowns });
  const statuses = new ConfigurationStatusWriter({ client, world, namespace, term, log });
  const moves = new Moves({ world, holdDowns, services });
  const announced =
    options.tellsAnnouncements === true
      ? new AnnouncedConditions({ client, world, namespace, moves, term, log, allocatorIdleMs })
      : undefined;
  const unsubscribe = world.onChange((change: WorldChange) => {
    // Before anybody is given what has just come free.
    holdDowns.decide();
    services.changed(change);
    statuses.changed(change);
    announced?.changed(change);
    if (change.kind === 'configuration') holdDowns.configured(change.after);
  });
  try {
    holdDowns.configured(world.world().configuration);
    holdDowns.decide();
    const looked = services.begin();
    statuses.all();
    await Promise.race([looked, aborted(term.stopping)]);
    progress.pending = undefined;
    if (!term.stopping.aborted) log.info({ services: world.world().ledger.size }, 'first look done');
    await aborted(term.stopping);
  } finally {
    unsubscribe();
    await Promise.all([services.stop(), holdDowns.stop(), statuses.stop(), announced?.stop()]);
    world.writes.abandon();
  }
}

async function readAnew(world: LiveWorld, term: Term, log: Logger): Promise<boolean> {
  while (!term.stopping.aborted) {
    try {
      await Promise.race([world.relist(), aborted(term.stopping)]);
      return !term.stopping.aborted;
    } catch (error) {
      log.warn({ error: describe(error) }, 'reading anew failed');
      await Promise.race([sleep(relistRetryMs), aborted(term.stopping)]);
    }
  }
  return false;
}
