/** Who announces what, as the speakers' ServiceL2Statuses tell, and what the cluster offers them to announce from. */

import { readL2Status } from '../core/announce/l2-status.ts';
import { type NodeStanding, nodeStanding } from '../core/announce/node-standing.ts';
import { planAddress } from '../core/announce/plan.ts';
import type { EndpointSlice, Node, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_FROM_POOL, STATUS_NAMESPACE_LABEL, STATUS_SERVICE_LABEL } from '../core/api/names.ts';
import type { ServiceL2Status } from '../core/api/service-status.ts';
import type { Configuration } from '../core/config/configuration.ts';
import type { AnnouncedAddress, Announcer } from '../core/status/announced.ts';
import type { KubeClient } from '../kube/client.ts';
import { isSame, keepNode, keepSlice, SERVICE_OF_SLICE } from '../kube/kept-for-announcing.ts';
import { describe } from '../kube/kube-error.ts';
import { type KindWatch, watchKind } from '../kube/list-watch.ts';
import type { Change } from '../kube/object-store.ts';
import * as resources from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface AnnouncementFactsOptions {
  readonly client: KubeClient;
  /** Where the speakers write. */
  readonly namespace: string;
  /** Called with a Service's `namespace/name`, or undefined where every Service may be concerned. */
  readonly onChange: (key: string | undefined) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export class AnnouncementFacts {
  readonly #statuses: KindWatch<ServiceL2Status>;
  readonly #slices: KindWatch<EndpointSlice>;
  readonly #nodes: KindWatch<Node>;
  /** By `namespace/name` of their Service, then by their own key. */
  readonly #statusesOf = new Map<string, Map<string, ServiceL2Status>>();
  readonly #slicesOf = new Map<string, Map<string, EndpointSlice>>();
  #standings: readonly NodeStanding[] | undefined;
  /** Done when all was read once. Rejects if stopped before. */
  readonly synced: Promise<unknown>;

  constructor({ client, namespace, onChange, log, signal }: AnnouncementFactsOptions) {
    const common = { client, signal };
    const onTrouble = (error: unknown): void => log.warn({ error: describe(error) }, 'watch interrupted');
    this.#statuses = watchKind<ServiceL2Status>({
      ...common,
      resource: resources.serviceL2Statuses,
      namespace,
      onTrouble,
      onChange: (change) => {
        for (const key of index(this.#statusesOf, change, serviceOfStatus)) onChange(key);
      },
    });
    this.#slices = watchKind<EndpointSlice>({
      ...common,
      resource: resources.endpointSlices,
      keep: keepSlice,
      onTrouble,
      onChange: (change) => {
        const keys = index(this.#slicesOf, change, serviceOfSlice);
        if (change.kind !== 'modified' || !isSame(change.previous, change.object))
          for (const key of keys) onChange(key);
      },
    });
    this.#nodes = watchKind<Node>({
      ...common,
      resource: resources.nodes,
      keep: keepNode,
      onTrouble,
      onChange: (change) => {
        if (change.kind === 'modified' && isSame(change.previous, change.object)) return;
        this.#standings = undefined;
        onChange(undefined);
      },
    });
    this.synced = Promise.all([this.#statuses.synced, this.#slices.synced, this.#nodes.synced]);
    this.synced.catch(() => undefined);
  }

  /** What there is to say about each address of a Service that is ours. */
  about(service: Service, configuration: Configuration): readonly AnnouncedAddress[] {
    const key = `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
    const reports = [...(this.#statusesOf.get(key)?.values() ?? [])].map(readL2Status);
    this.#standings ??= [...this.#nodes.objects.values()].map(nodeStanding).sort((a, b) => (a.name < b.name ? -1 : 1));
    const snapshot = {
      configuration,
      endpointSlices: new Map([[key, [...(this.#slicesOf.get(key)?.values() ?? [])]]]),
      // Whose it is, the caller knows.
      loadBalancerClass: service.spec.loadBalancerClass || undefined,
    };
    const ingress = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
    return ingress.map((address) => {
      const planned = planAddress(service, address, snapshot, this.#standings ?? []);
      const facts = {
        address,
        announcer: latest(reports.flatMap((each) => (each.addresses.includes(address) ? [each] : []))),
        contestants: reports.flatMap(({ node, strangers }) => {
          const stranger = strangers.get(address);
          return stranger === undefined ? [] : [{ ...stranger, seenBy: node }];
        }),
        verdict: undefined,
      };
      if (planned.ok) {
        const { pool, candidates, standings } = planned.value;
        return { ...facts, pool, candidates, standings, omission: undefined };
      }
      const omission = planned.error === 'ForeignClass' ? undefined : planned.error;
      return { ...facts, pool: poolNameOf(service), candidates: [], standings: new Map(), omission };
    });
  }
}

/** A dead node's report may stand beside its heir's for a moment. */
function latest(announcers: readonly Announcer[]): Announcer | undefined {
  return announcers.toSorted((a, b) => (a.since < b.since ? 1 : -1))[0];
}

function poolNameOf({ metadata: { annotations = {} } }: Service): string {
  return annotations[ALLOCATED_FROM_POOL] ?? '';
}

function serviceOfStatus({ metadata: { labels = {} } }: ServiceL2Status): string {
  return `${labels[STATUS_NAMESPACE_LABEL] ?? ''}/${labels[STATUS_SERVICE_LABEL] ?? ''}`;
}

function serviceOfSlice({ metadata: { namespace = '', labels = {} } }: EndpointSlice): string {
  return `${namespace}/${labels[SERVICE_OF_SLICE] ?? ''}`;
}

/** Takes a change into an index; returns the keys whose entry changed. */
function index<T extends ServiceL2Status | EndpointSlice>(
  entries: Map<string, Map<string, T>>,
  change: Change<T>,
  keyOf: (object: T) => string,
): ReadonlySet<string> {
  const before = change.kind === 'added' ? undefined : keyOf(change.previous);
  const after = change.kind === 'deleted' ? undefined : keyOf(change.object);
  if (before !== undefined && before !== after) {
    entries.get(before)?.delete(change.key);
    if (entries.get(before)?.size === 0) entries.delete(before);
  }
  if (after !== undefined && change.kind !== 'deleted') {
    entries.set(after, (entries.get(after) ?? new Map<string, T>()).set(change.key, change.object));
  }
  return new Set([before, after].filter((key) => key !== undefined));
}
