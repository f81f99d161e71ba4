/**
 * All that decisions read, kept up to date from the apiserver: configuration,
 * ledger, namespace labels. Webhook and reconciler of one process share it.
 */
import type { KubeObject, Labels, Namespace, Node, Service } from '../core/api/kubernetes.ts';
import { ALLOCATED_CONDITION, NAMESPACE } from '../core/api/names.ts';
import { buildConfiguration } from '../core/config/build.ts';
import { type Configuration, EMPTY_CONFIGURATION } from '../core/config/configuration.ts';
import type { RawConfiguration } from '../core/config/raw-configuration.ts';
import { parseService } from '../core/config/service.ts';
import type { ServiceRequest } from '../core/config/service-request.ts';
import { type Claim, Ledger } from '../core/ipam/ledger.ts';
import type { Address, Family } from '../core/net/address.ts';
import { claimantOf } from '../core/policy/ask.ts';
import type { World } from '../core/policy/world.ts';
import type { Millis } from '../core/time.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { KubeClient } from './client.ts';
import { isSameNode, isSameWish, keepNamespace, keepNode, keepService } from './kept-objects.ts';
import { describe, isNotFound } from './kube-error.ts';
import { type ClaimChange, LedgerKeeper, type Sight } from './ledger-keeper.ts';
import { type KindWatch, watchKind } from './list-watch.ts';
import type { Change } from './object-store.ts';
import { isOurs } from './our-service.ts';
import type { Resource } from './resources.ts';
import * as resources from './resources.ts';

export type WorldChange =
  /** A Service was added, changed or deleted, ours or not. */
  | { readonly kind: 'service'; readonly key: string }
  /**
   * The ledger changed. `gone`: the Service was deleted or is ours no more;
   * `previous` is how it was.
   */
  | (ClaimChange & {
      readonly kind: 'claim';
      readonly key: string;
      readonly gone: boolean;
      readonly previous: Service | undefined;
    })
  | {
      readonly kind: 'configuration';
      readonly before: Configuration;
      readonly after: Configuration;
      /** Lists of RawConfiguration that have changed. */
      readonly changed: ReadonlySet<keyof RawConfiguration>;
    }
  /** Labels of a namespace changed, or it came or went. */
  | { readonly kind: 'namespace'; readonly name: string }
  /** What decisions read was known to be behind, and is no more. */
  | { readonly kind: 'caught-up' };

export interface LiveWorldOptions {
  readonly client: KubeClient;
  /** Where the configuration lives; metallb-system. */
  readonly namespace?: string;
  /** Class of our own; undefined: Services that name none are ours. */
  readonly loadBalancerClass?: string | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly now?: () => Millis;
}

/** Configuration kinds by their place in RawConfiguration. */
const configKinds = {
  ipAddressPools: resources.ipAddressPools,
  addressPolicies: resources.addressPolicies,
  addressReservations: resources.addressReservations,
  l2Advertisements: resources.l2Advertisements,
  bgpAdvertisements: resources.bgpAdvertisements,
  bgpPeers: resources.bgpPeers,
  communities: resources.communities,
  bfdProfiles: resources.bfdProfiles,
} as const satisfies Record<Exclude<keyof RawConfiguration, 'nodes'>, Resource>;

/** A cluster without these kinds can be decided in; without pools, policies or reservations it can't. */
const optionalKinds: ReadonlySet<string> = new Set([
  'l2Advertisements',
  'bgpAdvertisements',
  'bgpPeers',
  'communities',
  'bfdProfiles',
]);

/** After a rebuild that took t, at least this many t pass before the next. */
const rebuildPause = 5;

/** Lists of RawConfiguration that are Berth's own kinds. */
export type ConfigKey = keyof typeof configKinds;

export class LiveWorld {
  readonly #options: LiveWorldOptions;
  readonly #now: () => Millis;
  readonly #ledger = new Ledger();
  readonly #keeper: LedgerKeeper;
  readonly #services: KindWatch<Service>;
  readonly #namespaces: KindWatch<Namespace>;
  readonly #nodes: KindWatch<Node>;
  readonly #config: Readonly<Record<ConfigKey, KindWatch<KubeObject>>>;
  /** What a decision reads. */
  readonly #needed: Readonly<Record<string, Pick<KindWatch<KubeObject>, 'synced' | 'trouble' | 'relist'>>>;
  readonly #absent = new Set<string>();
  readonly #listeners = new Set<(change: WorldChange) => void>();
  /** Done when everything that decisions need was read once. Rejects if stopped before. */
  readonly synced: Promise<void>;
  #isSynced = false;
  #configuration: Configuration = EMPTY_CONFIGURATION;
  #rebuild: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #rebuildNotBefore = 0;
  #changed = new Set<keyof RawConfiguration>();
  /** The Service whose change is being taken in, as it was before. */
  #previous: Service | undefined;
  #parsed: { readonly service: Service; readonly request: ServiceRequest } | undefined;

  constructor(options: LiveWorldOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#keeper = new LedgerKeeper(this.#ledger, (change) => {
      const key = (change.after ?? change.before)?.key ?? '';
      const gone = change.after === undefined && !this.#isHeldByUs(key, change.before);
      this.#tell({ kind: 'claim', key, gone, previous: this.#previous, ...change });
    });
    this.#services = this.#watch<Service>(resources.services, undefined, {
      keep: keepService,
      onWell: () => this.#onWell(),
      onChange: (change) => this.#onService(change),
    });
    this.#namespaces = this.#watch<Namespace>(resources.namespaces, undefined, {
      metadataOnly: true,
      keep: keepNamespace,
      onWell: () => this.#onWell(),
      onChange: (change) => this.#onNamespace(change),
    });
    this.#nodes = this.#watch<Node>(resources.nodes, undefined, {
      keep: keepNode,
      onChange: (change) => {
        if (change.kind !== 'modified' || !isSameNode(change.previous, change.object)) this.#scheduleRebuild('nodes');
      },
    });
    this.#config = this.#watchConfiguration();
    const required = Object.entries(this.#config).filter(([name]) => !optionalKinds.has(name));
    this.#needed = { services: this.#services, namespaces: this.#namespaces, ...Object.fromEntries(required) };
    this.synced = this.#sync();
    this.synced.catch(() => undefined);
  }

  /** Whether everything that decisions need was read. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** As of now. Cheap; the ledger in it is the living one. */
  world(): World {
    return {
      configuration: this.#configuration,
      ledger: this.#ledger,
      namespaceLabels: (name) => this.namespaceLabels(name),
      now: this.#now(),
    };
  }

  /** The configuration objects as they are stored. */
  raw(): RawConfiguration {
    const lists = Object.entries(this.#config).map(([key, watch]) => [key, [...watch.objects.values()]] as const);
    return {
      ...(Object.fromEntries(lists) as Omit<RawConfiguration, 'nodes'>),
      nodes: [...this.#nodes.objects.values()],
    };
  }

  /** A configuration object as it is stored. */
  object(list: ConfigKey, name: string): KubeObject | undefined {
    return this.#config[list].get(`${this.#options.namespace ?? NAMESPACE}/${name}`);
  }

  /** Names of the objects of one list, in no order. */
  names(list: ConfigKey): readonly string[] {
    return [...this.#config[list].objects.values()].map(({ metadata }) => metadata.name);
  }

  /** Undefined where the namespace isn't known. */
  namespaceLabels(name: string): Labels | undefined {
    const namespace = this.#namespaces.get(name);
    return namespace && (namespace.metadata.labels ?? {});
  }

  /** Families of the cluster's Services, primary first, as the apiserver's own Service has them. */
  clusterFamilies(): readonly Family[] {
    const families = this.#services.get('default/kubernetes')?.spec.ipFamilies;
    const known = families?.filter((family): family is Family => family === 'IPv4' || family === 'IPv6') ?? [];
    const primary = known[0];
    // That Service is single-stack by itself; its family is the cluster's primary one.
    return primary === 'IPv6' ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
  }

  /** Every Service that is known, ours or not, by `namespace/name`. */
  services(): ReadonlyMap<string, Service> {
    return this.#services.objects;
  }

  service(key: string): Service | undefined {
    return this.#services.get(key);
  }

  isOurs(service: Service): boolean {
    return isOurs(service, this.#options.loadBalancerClass);
  }

  /** A Service parsed; the last one is remembered, since several ask for the same one in a row. */
  request(service: Service): ServiceRequest {
    if (this.#parsed?.service !== service) this.#parsed = { service, request: parseService(service) };
    return this.#parsed.request;
  }

  /** Told of each change, in order, after it was taken in. Gives the way to end it. */
  onChange(listener: (change: WorldChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The writes on their way; for the leader alone. */
  get writes(): Pick<LedgerKeeper, 'begin' | 'confirm' | 'doubt' | 'withdraw' | 'isPending' | 'abandon'> {
    return this.#keeper;
  }

  /** Reads everything that decisions need again: all that was committed before the call is then taken in. */
  async relist(): Promise<void> {
    await Promise.all(Object.values(this.#needed).map((watch) => watch.relist()));
    this.#rebuildNow();
  }

  /** Why what is known may be incomplete or old; undefined where all is well. */
  trouble(): string | undefined {
    const watches = { ...this.#needed, nodes: this.#nodes, ...this.#config };
    return this.#troubleOf(watches) ?? (this.#isSynced ? undefined : 'not everything was read yet');
  }

  /** Why what decisions read is known to be behind the apiserver; undefined where it isn't. */
  behind(): string | undefined {
    return this.#troubleOf(this.#needed);
  }

  /** Why decisions can't be made yet; undefined once everything was read, whatever is interrupted since. */
  unready(): string | undefined {
    return this.#isSynced ? undefined : (this.trouble() ?? 'not everything was read yet');
  }

  async #sync(): Promise<void> {
    const needed = [...Object.values(this.#needed), this.#nodes].map((watch) => watch.synced);
    const optional = Object.entries(this.#config)
      .filter(([name]) => optionalKinds.has(name))
      .map(([name, watch]) => this.#syncedOrAbsent(name, watch));
    await Promise.all([...needed, ...optional]);
    this.#isSynced = true;
    this.#rebuildNow();
  }

  async #syncedOrAbsent(name: string, watch: KindWatch<KubeObject>): Promise<void> {
    const absent = Promise.withResolvers<void>();
    this.#onAbsent.set(name, absent.resolve);
    await Promise.race([watch.synced, absent.promise]);
  }

  #troubleOf(watches: Readonly<Record<string, Pick<KindWatch<KubeObject>, 'trouble'>>>): string | undefined {
    for (const [name, watch] of Object.entries(watches)) {
      const why = this.#absent.has(name) ? undefined : watch.trouble();
      if (why !== undefined) return `${name}: ${why}`;
    }
    return undefined;
  }

  readonly #onAbsent = new Map<string, () => void>();

  #watch<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    more: {
      metadataOnly?: boolean;
      keep?: (object: T) => T;
      onChange: (change: Change<T>) => void;
      onListed?: () => void;
      onTrouble?: (error: unknown) => void;
      onWell?: () => void;
    },
  ): KindWatch<T> {
    const { client, log, signal } = this.#options;
    return watchKind<T>({
      client,
      resource,
      namespace,
      signal,
      ...more,
      onTrouble(error) {
        log.warn({ kind: resource.kind, error: describe(error) }, 'watch interrupted');
        more.onTrouble?.(error);
      },
    });
  }

  #watchConfiguration(): Record<ConfigKey, KindWatch<KubeObject>> {
    const namespace = this.#options.namespace ?? NAMESPACE;
    const entries = Object.entries(configKinds).map(([key, resource]) => {
      const watch = this.#watch<KubeObject>(resource, namespace, {
        onChange: (change) => {
          if (change.kind !== 'modified' || !isSameWish(change.previous, change.object))
            this.#scheduleRebuild(key as ConfigKey);
        },
        onListed: () => this.#absent.delete(key),
        ...(!optionalKinds.has(key) && { onWell: () => this.#onWell() }),
        onTrouble: (error) => {
          if (!optionalKinds.has(key) || !isNotFound(error)) return;
          this.#absent.add(key);
          this.#onAbsent.get(key)?.();
        },
      });
      return [key, watch] as const;
    });
    return Object.fromEntries(entries) as Record<ConfigKey, KindWatch<KubeObject>>;
  }

  #onWell(): void {
    if (!this.#isSynced || this.behind() !== undefined) return;
    // What the last watch has just told belongs to it.
    if (this.#rebuild !== undefined) this.#rebuildNow();
    this.#tell({ kind: 'caught-up' });
  }

  #onService(change: Change<Service>): void {
    const service = change.kind === 'deleted' ? undefined : change.object;
    this.#previous = change.kind === 'added' ? undefined : change.previous;
    this.#keeper.observe(change.key, service && this.#sightOf(service));
    this.#previous = undefined;
    this.#tell({ kind: 'service', key: change.key });
  }

  #sightOf(service: Service): Sight | undefined {
    if (!this.isOurs(service)) return undefined;
    const request = this.request(service);
    const { uid = '', resourceVersion = '' } = service.metadata;
    const addresses = request.held.length > 0 ? request.held : this.#wiped(service, request);
    const claim = addresses.length === 0 ? undefined : claimOf(request, addresses, request.allocatedPool);
    return { uid, resourceVersion, claim };
  }

  /**
   * The addresses of a status that somebody wiped while our condition still
   * says that the Service has them: it keeps them, and the reconciler writes
   * them again.
   */
  #wiped(service: Service, request: ServiceRequest): readonly Address[] {
    const condition = service.status?.conditions?.find(({ type }) => type === ALLOCATED_CONDITION);
    const claim = this.#ledger.get(request.key);
    const same = condition?.status === 'True' && claim !== undefined && claim.uid === request.uid;
    return same && !this.#keeper.isPending(request.key) ? claim.addresses : [];
  }

  #isHeldByUs(key: string, claim: Claim | undefined): boolean {
    const service = this.#services.get(key);
    return service !== undefined && service.metadata.uid === claim?.uid && this.isOurs(service);
  }

  #onNamespace(change: Change<Namespace>): void {
    const before = change.kind === 'added' ? undefined : change.previous.metadata.labels;
    const after = change.kind === 'deleted' ? undefined : change.object.metadata.labels;
    if (change.kind === 'modified' && JSON.stringify(before) === JSON.stringify(after)) return;
    this.#tell({ kind: 'namespace', name: change.key });
  }

  /** In the next turn of the loop, so that what comes in one chunk is read once; less often where it is dear. */
  #scheduleRebuild(changed: keyof RawConfiguration): void {
    this.#changed.add(changed);
    if (!this.#isSynced || this.#rebuild !== undefined) return;
    const wait = this.#rebuildNotBefore - performance.now();
    const rebuild = (): void => this.#rebuildNow();
    this.#rebuild = wait > 0 ? setTimeout(rebuild, wait) : setImmediate(rebuild);
  }

  #rebuildNow(): void {
    if (this.#rebuild !== undefined) {
      clearTimeout(this.#rebuild as NodeJS.Timeout);
      clearImmediate(this.#rebuild as NodeJS.Immediate);
      this.#rebuild = undefined;
    }
    const startedAt = performance.now();
    const before = this.#configuration;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#configuration = buildConfiguration(this.raw());
    this.#ledger.configure(this.#configuration, this.#now());
    const endedAt = performance.now();
    this.#rebuildNotBefore = endedAt + rebuildPause * (endedAt - startedAt);
    this.#tell({ kind: 'configuration', before, after: this.#configuration, changed });
  }

  #tell(change: WorldChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** What a Service holds, as the ledger records it. */
export function claimOf(request: ServiceRequest, addresses: readonly Address[], pool: string | undefined): Claim {
  return { ...claimantOf(request), addresses, pool };
}
