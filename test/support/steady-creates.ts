/** Services created at a steady pace, and what became of each: an upgrade's users. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../src/core/api/kubernetes.ts';
import { ASSIGNED_POOL } from '../../src/core/api/names.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { describe } from '../../src/kube/kube-error.ts';
import { services } from '../../src/kube/resources.ts';

export interface SteadyOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly perSecond: number;
  /** Every so many creates, and no more often than there are names, one is real; the others are dry runs. */
  readonly real: { readonly every: number; readonly names: readonly string[] };
  readonly manifest: (name: string) => Service;
}

export class SteadyCreates {
  readonly #options: SteadyOptions;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<void>>();
  readonly #run: Promise<void>;
  /** Why a create was no success: an error, or an answer that admission had no part in. */
  readonly failures: string[] = [];
  /** Names of the real ones so far. */
  readonly made: string[] = [];
  #asked = 0;

  constructor(options: SteadyOptions) {
    this.#options = options;
    this.#run = this.#ask();
  }

  get asked(): number {
    return this.#asked;
  }

  /** Begins no more, and waits for every answer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#run;
    await Promise.all(this.#pending);
  }

  async #ask(): Promise<void> {
    const { perSecond, real } = this.#options;
    const begun = performance.now();
    while (!this.#stop.signal.aborted) {
      const index = this.#asked++;
      const name = index % real.every === 0 ? real.names[index / real.every] : undefined;
      // A slow answer holds nobody up: others ask all the same.
      const asking: Promise<void> = this.#create(name ?? `trial-${index}`, name === undefined).finally(() =>
        this.#pending.delete(asking),
      );
      this.#pending.add(asking);
      const wait = begun + (this.#asked * 1000) / perSecond - performance.now();
      if (wait > 0) await sleep(wait);
    }
  }

  async #create(name: string, isDry: boolean): Promise<void> {
    const { client, namespace, manifest } = this.#options;
    const query = isDry ? { dryRun: 'All' } : {};
    try {
      const made = await client.create<Service>({ resource: services, namespace }, manifest(name), { query });
      if (!isDry) this.made.push(name);
      // The webhooks of Services let pass when nobody answers: only this tells that somebody did.
      if (made.metadata.annotations?.[ASSIGNED_POOL] === undefined) this.failures.push(`${name}: nobody named a pool`);
    } catch (error) {
      this.failures.push(`${name}: ${describe(error)}`);
    }
  }
}
