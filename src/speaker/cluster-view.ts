/** What a speaker reads of the cluster, kept up to date: the snapshot that plans are made from. */

import type { ClusterSnapshot } from '../core/announce/plan.ts';
import type { EndpointSlice, KubeObject, Node, Service } from '../core/api/kubernetes.ts';
import { NAMESPACE } from '../core/api/names.ts';
import { buildConfiguration } from '../core/config/build.ts';
import { type Configuration, EMPTY_CONFIGURATION } from '../core/config/configuration.ts';
import { EMPTY_RAW_CONFIGURATION } from '../core/config/raw-configuration.ts';
import type { KubeClient } from '../kube/client.ts';
import { isSame, keepNode, keepService, keepSlice, keepWish, SERVICE_OF_SLICE } from '../kube/kept-for-announcing.ts';
import { describe } from '../kube/kube-error.ts';
import { type KindWatch, watchKind } from '../kube/list-watch.ts';
import type { Change } from '../kube/object-store.ts';
import * as resources from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface ClusterViewOptions {
  readonly client: KubeClient;
  /** Where the configuration lives; metallb-system. */
  readonly namespace?: string;
  readonly loadBalancerClass?: string | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called after changes that may matter to a plan, a moment later and once for many. Not before `synced`. */
  readonly onChange: () => void;
}

/** Changes come in bursts (a rollout, a reconnect): one plan for each burst. */
const GATHER_MS = 10;

export class ClusterView {
  readonly #options: ClusterViewOptions;
  readonly #services: KindWatch<Service>;
  readonly #slices: KindWatch<EndpointSlice>;
  readonly #nodes: KindWatch<Node>;
  readonly #pools: KindWatch<KubeObject>;
  readonly #advertisements: KindWatch<KubeObject>;
  /** Slices by `namespace/name` of their Service, then by their own key. */
  readonly #slicesOf = new Map<string, Map<string, EndpointSlice>>();
  #configuration: Configuration = EMPTY_CONFIGURATION;
  #isConfigurationStale = true;
  #isSynced = false;
  #gathering: NodeJS.Timeout | undefined;
  /** Done when everything was read once. Rejects if stopped before. */
  readonly synced: Promise<void>;

  constructor(options: ClusterViewOptions) {
    this.#options = options;
    const namespace = options.namespace ?? NAMESPACE;
    const configuration = {
      namespace,
      keep: keepWish,
      onChange: (change: Change<KubeObject>) => this.#unlessSame(change, 'configuration'),
    };
    const fieldSelector = 'spec.type=LoadBalancer';
    this.#services = this.#watch<Service>(resources.services, { keep: keepService, fieldSelector });
    this.#slices = this.#watch<EndpointSlice>(resources.endpointSlices, {
      keep: keepSlice,
      onChange: (change) => this.#onSlice(change),
    });
    this.#nodes = this.#watch<Node>(resources.nodes, {
      keep: keepNode,
      onChange: (change) => this.#unlessSame(change, 'configuration'),
    });
    this.#pools = this.#watch(resources.ipAddressPools, configuration);
    this.#advertisements = this.#watch(resources.l2Advertisements, configuration);
    this.synced = Promise.all(this.#all().map((each) => each.synced)).then(() => {
      this.#isSynced = true;
      this.#changed('configuration');
    });
    this.synced.catch(() => undefined);
  }

  /** The cluster as known now. Valid until the next change; nothing is copied. */
  snapshot(): ClusterSnapshot {
    if (this.#isConfigurationStale) {
      this.#isConfigurationStale = false;
      this.#configuration = buildConfiguration({
        ...EMPTY_RAW_CONFIGURATION,
        ipAddressPools: [...this.#pools.objects.values()],
        l2Advertisements: [...this.#advertisements.objects.values()],
        nodes: [...this.#nodes.objects.values()],
      });
    }
    return {
      services: this.#services.objects.values(),
      endpointSlices: new Map([...this.#slicesOf].map(([key, slices]) => [key, [...slices.values()]])),
      nodes: [...this.#nodes.objects.values()],
      configuration: this.#configuration,
      loadBalancerClass: this.#options.loadBalancerClass,
    };
  }

  /** By `namespace/name`. */
  service(key: string): Service | undefined {
    return this.#services.get(key);
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** Why the view may be behind; undefined where it isn't. */
  trouble(): string | undefined {
    return this.#all()
      .map((each) => each.trouble())
      .find((each) => each !== undefined);
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  #all(): readonly KindWatch<KubeObject>[] {
    return [this.#services, this.#slices, this.#nodes, this.#pools, this.#advertisements];
  }

  #watch<T extends KubeObject>(
    resource: resources.Resource,
    options: {
      readonly namespace?: string;
      readonly fieldSelector?: string;
      readonly keep?: (object: T) => T;
      readonly onChange?: (change: Change<T>) => void;
    },
  ): KindWatch<T> {
    const { client, signal, log } = this.#options;
    return watchKind<T>({
      client,
      resource,
      signal,
      onTrouble: (error) => log.warn({ kind: resource.kind, error: describe(error) }, 'watch interrupted'),
      onChange: (change) => this.#unlessSame(change, 'objects'),
      ...options,
    });
  }

  #onSlice(change: Change<EndpointSlice>): void {
    const slice = change.kind === 'deleted' ? change.previous : change.object;
    const { namespace = '', labels } = slice.metadata;
    const service = `${namespace}/${labels?.[SERVICE_OF_SLICE] ?? ''}`;
    if (change.kind === 'deleted') {
      this.#slicesOf.get(service)?.delete(change.key);
      if (this.#slicesOf.get(service)?.size === 0) this.#slicesOf.delete(service);
    } else {
      const slices = this.#slicesOf.get(service) ?? new Map<string, EndpointSlice>();
      this.#slicesOf.set(service, slices.set(change.key, slice));
    }
    // Where the endpoints of policy Cluster are makes no difference to anybody here.
    if (this.#services.get(service)?.spec.externalTrafficPolicy === 'Local') this.#unlessSame(change, 'objects');
  }

  #unlessSame<T extends KubeObject>(change: Change<T>, what: 'configuration' | 'objects'): void {
    if (change.kind === 'modified' && isSame(change.previous, change.object)) return;
    this.#changed(what);
  }

  #changed(what: 'configuration' | 'objects'): void {
    if (what === 'configuration') this.#isConfigurationStale = true;
    if (!this.#isSynced || this.#options.signal.aborted) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      if (!this.#options.signal.aborted) this.#options.onChange();
    }, GATHER_MS);
  }
}
