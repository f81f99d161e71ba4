/** The load: Services created by many writers, and the time until each has its address. */
import type { Service } from '../src/core/api/kubernetes.ts';
import { type KindWatch, watchKind } from '../src/kube/list-watch.ts';
import { services } from '../src/kube/resources.ts';
import { type Ground, NAMESPACE } from './ground.ts';

export function serviceManifest(name: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    // There are fewer node ports than Services here.
    spec: {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80 }],
      selector: { app: name },
    },
  };
}

/** Sees addresses arrive, on a watch of its own. */
export class AddressWatch {
  readonly #watch: KindWatch<Service>;
  readonly #stop = new AbortController();
  readonly #arrived = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(ground: Ground) {
    this.#watch = watchKind<Service>({
      client: ground.client,
      resource: services,
      namespace: NAMESPACE,
      signal: this.#stop.signal,
      onChange: (change) => {
        if (change.kind === 'deleted' || !change.object.status?.loadBalancer?.ingress?.length) return;
        const { name } = change.object.metadata;
        if (this.#arrived.has(name)) return;
        const at = performance.now();
        this.#arrived.set(name, at);
        this.#waiting.get(name)?.(at);
        this.#waiting.delete(name);
      },
    });
  }

  get synced(): Promise<void> {
    return this.#watch.synced;
  }

  /**
   * When the Service's address was seen, in ms of the monotonic clock. Never
   * settles once it was given up.
   *
   * @throws Error after five minutes.
   */
  arrival(name: string, givenUp?: AbortSignal): Promise<number> {
    const seen = this.#arrived.get(name);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`Service ${name} has no address after 300 s`)), 300_000);
      givenUp?.addEventListener('abort', () => clearTimeout(limit), { once: true });
      this.#waiting.set(name, (at) => {
        clearTimeout(limit);
        resolve(at);
      });
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watch.done;
  }
}

export interface LoadOptions {
  readonly services: number;
  readonly writers: number;
  readonly prefix?: string;
  /** Creates a second over all writers; as fast as they can where absent. */
  readonly perSecond?: number;
}

export interface LoadResult {
  /** From before the create was sent until the address was seen, in ms, ascending. */
  readonly toAddress: readonly number[];
  /** From before the create was sent until its answer, in ms, ascending. */
  readonly toAnswer: readonly number[];
  /** From the first create to the last address, in ms. */
  readonly wholeMs: number;
}

export async function createServices(ground: Ground, watch: AddressWatch, options: LoadOptions): Promise<LoadResult> {
  const toAddress: number[] = [];
  const arrivals: Promise<void>[] = [];
  const begun = performance.now();
  const toAnswer = await timed(options, async (name, sent) => {
    await ground.client.create({ resource: services, namespace: NAMESPACE }, serviceManifest(name));
    arrivals.push(watch.arrival(name).then((at) => void toAddress.push(at - sent)));
  });
  await Promise.all(arrivals);
  return { toAddress: toAddress.sort(ascending), toAnswer, wholeMs: performance.now() - begun };
}

/** Creates that pass admission and write nothing; from before each was sent until its answer, in ms, ascending. */
export function dryRunCreates(ground: Ground, options: LoadOptions): Promise<readonly number[]> {
  const target = `/api/v1/namespaces/${NAMESPACE}/${services.plural}`;
  return timed(options, async (name) => {
    await ground.client.request('POST', target, { query: { dryRun: 'All' }, body: serviceManifest(name) });
  });
}

/** Creates as many as asked for, at the pace asked for; the time that each took, in ms, ascending. */
async function timed(
  { services: count, writers, prefix = 'svc', perSecond }: LoadOptions,
  create: (name: string, sent: number) => Promise<void>,
): Promise<readonly number[]> {
  const times: number[] = [];
  const begun = performance.now();
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      if (perSecond !== undefined) await until(begun + (index * 1000) / perSecond);
      const sent = performance.now();
      await create(`${prefix}-${index}`, sent);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return times.sort(ascending);
}

const ascending = (a: number, b: number): number => a - b;

async function until(time: number): Promise<void> {
  const wait = time - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
}

/** Deletes Services by name, `writers` at once. */
export async function deleteServices(ground: Ground, names: readonly string[], writers = 32): Promise<void> {
  const queue = [...names];
  const writer = async (): Promise<void> => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      await ground.client.delete({ resource: services, namespace: NAMESPACE, name });
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
}
