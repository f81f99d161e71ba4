/**
 * Keeps this node's ServiceL2Statuses true, beside the hot path: changes are
 * gathered, calls are paced, and while the apiserver is away everything waits;
 * what is then written is how things are, not how they were.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type L2StatusChange,
  type L2StatusWish,
  l2StatusObject,
  labelValue,
  outlived,
  planL2Statuses,
} from '../core/announce/l2-status.ts';
import { SPEAKER_FIELD_MANAGER, STATUS_NODE_LABEL } from '../core/api/names.ts';
import type { ServiceL2Status } from '../core/api/service-status.ts';
import { aborted } from '../kube/aborted.ts';
import { Backoff } from '../kube/backoff.ts';
import type { KubeClient } from '../kube/client.ts';
import { isAlreadyExists, isNotFound } from '../kube/kube-error.ts';
import { type KindWatch, watchKind } from '../kube/list-watch.ts';
import { apiVersionOf, serviceL2Statuses } from '../kube/resources.ts';

export interface L2StatusWriterOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly namespace: string;
  /** The Node object: with it go its statuses. Undefined while it isn't known. */
  readonly nodeUid: () => string | undefined;
  readonly onTrouble: (error: unknown) => void;
}

/** A failover, a rollout: many addresses change at once, and each for a moment twice. */
const GATHER_MS = 200;
/** Between two calls: a share of 300 addresses is written within some seconds and is no burst for an apiserver. */
const PACE_MS = 20;

export class L2StatusWriter {
  readonly #options: L2StatusWriterOptions;
  readonly #watch: KindWatch<ServiceL2Status>;
  readonly #backoff = new Backoff(500, 30_000);
  #wishes: ReadonlyMap<string, L2StatusWish> = new Map();
  /** Nodes whose speakers are dead, and whose objects may have to go. */
  readonly #dead = new Set<string>();
  #wake = Promise.withResolvers<void>();
  /** What was written and is not seen yet; null: deleted. */
  readonly #written = new Map<string, ServiceL2Status | null>();
  readonly #stop = new AbortController();
  #isClosing = false;
  readonly #done: Promise<void>;

  constructor(options: L2StatusWriterOptions) {
    this.#options = options;
    const { client, node, namespace, onTrouble } = options;
    this.#watch = watchKind<ServiceL2Status>({
      client,
      resource: serviceL2Statuses,
      namespace,
      labelSelector: `${STATUS_NODE_LABEL}=${labelValue(node)}`,
      signal: this.#stop.signal,
      onChange: (change) => {
        this.#written.delete(change.key.slice(namespace.length + 1));
        this.#wake.resolve();
      },
      onTrouble,
    });
    this.#stop.signal.addEventListener('abort', () => this.#wake.resolve(), { once: true });
    this.#done = this.#run();
  }

  /** What this node announces as of now. */
  set(wishes: ReadonlyMap<string, L2StatusWish>): void {
    this.#wishes = wishes;
    this.#wake.resolve();
  }

  /** A node's speaker died or left; what it wrote about Services that are announced here is out of date. */
  outlive(node: string): void {
    this.#dead.add(node);
    this.#wake.resolve();
  }

  /** It lives again, and speaks for itself. */
  revive(node: string): void {
    this.#dead.delete(node);
  }

  /** Removes what this node wrote, for as long as the time given; the nodes that take over remove the rest. */
  async close(graceMs = 3_000): Promise<void> {
    this.#isClosing = true;
    this.#wishes = new Map();
    this.#wake.resolve();
    const late = setTimeout(() => this.#stop.abort(), graceMs);
    await this.#done;
    clearTimeout(late);
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    await Promise.race([this.#watch.synced.catch(() => undefined), aborted(signal)]);
    while (!signal.aborted) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
      await this.#pause(GATHER_MS);
      try {
        await this.#settle();
        this.#backoff.reset();
        if (this.#isClosing) return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onTrouble(error);
        if (this.#isClosing) return;
        await this.#pause(this.#backoff.next());
        this.#wake.resolve();
      }
    }
  }

  async #settle(): Promise<void> {
    const wishes = this.#wishes;
    for (const change of planL2Statuses(wishes, this.#present())) {
      if (this.#stop.signal.aborted) return;
      await this.#carryOut(change);
      await this.#pause(PACE_MS);
      // The rest of this plan is out of date; another round is due already.
      if (this.#wishes !== wishes) return;
    }
    for (const node of this.#dead) await this.#bury(node);
  }

  #present(): readonly ServiceL2Status[] {
    const objects = new Map([...this.#watch.objects.values()].map((each) => [each.metadata.name, each]));
    for (const [name, object] of this.#written) {
      if (object === null) objects.delete(name);
      else objects.set(name, object);
    }
    return [...objects.values()];
  }

  async #carryOut(change: L2StatusChange): Promise<void> {
    const { client, namespace } = this.#options;
    const resource = serviceL2Statuses;
    const by = { type: 'merge', fieldManager: SPEAKER_FIELD_MANAGER, signal: this.#stop.signal } as const;
    switch (change.kind) {
      case 'create':
        await this.#create(change.wish);
        await this.#report(change.wish);
        break;
      case 'annotate': {
        const { name, annotations } = change;
        this.#note(
          await client.patch<ServiceL2Status>({ resource, namespace, name }, { metadata: { annotations } }, by),
        );
        break;
      }
      case 'report':
        await this.#report(change.wish);
        break;
      case 'delete':
        await this.#delete(change.name, change.uid);
        this.#written.set(change.name, null);
        break;
    }
  }

  async #create(wish: L2StatusWish): Promise<void> {
    const { client, node, namespace, nodeUid } = this.#options;
    const uid = nodeUid();
    const owner = uid === undefined ? [] : [{ apiVersion: 'v1', kind: 'Node', name: node, uid }];
    const object = l2StatusObject(node, wish);
    const whole = {
      apiVersion: apiVersionOf(serviceL2Statuses),
      kind: serviceL2Statuses.kind,
      metadata: { ...object.metadata, namespace, ownerReferences: owner },
    };
    try {
      const by = { fieldManager: SPEAKER_FIELD_MANAGER, signal: this.#stop.signal };
      await client.create({ resource: serviceL2Statuses, namespace }, whole, by);
    } catch (error) {
      // An earlier attempt whose answer got lost: the watch brings it, and what differs is mended then.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #report({ name, interfaces, serviceName, serviceNamespace }: L2StatusWish): Promise<void> {
    const { client, node, namespace } = this.#options;
    const status = { node, serviceName, serviceNamespace, interfaces: interfaces.map((each) => ({ name: each })) };
    const target = { resource: serviceL2Statuses, namespace, name, subresource: 'status' };
    const by = { type: 'merge', fieldManager: SPEAKER_FIELD_MANAGER, signal: this.#stop.signal } as const;
    this.#note(await client.patch<ServiceL2Status>(target, { status }, by));
  }

  #note(object: ServiceL2Status): void {
    this.#written.set(object.metadata.name, object);
  }

  /** Nothing where it is gone, or is another object by now. */
  async #delete(name: string, uid: string): Promise<void> {
    const { client, namespace } = this.#options;
    try {
      await client.delete(
        { resource: serviceL2Statuses, namespace, name },
        { preconditions: { uid }, signal: this.#stop.signal },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #bury(node: string): Promise<void> {
    const { client, namespace } = this.#options;
    const { items } = await client.list<ServiceL2Status>(
      { resource: serviceL2Statuses, namespace },
      { query: { labelSelector: `${STATUS_NODE_LABEL}=${labelValue(node)}` }, signal: this.#stop.signal },
    );
    for (const { metadata } of outlived(items, this.#wishes)) {
      // It may have come back while this was under way.
      if (!this.#dead.has(node) || this.#stop.signal.aborted) return;
      await this.#delete(metadata.name, metadata.uid ?? '');
      await this.#pause(PACE_MS);
    }
    // Others take what is left; an address that comes here later wakes this again.
    this.#dead.delete(node);
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    if (this.#isClosing || signal.aborted) return;
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
