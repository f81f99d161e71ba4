/**
 * What the webhooks add to a create. Short phases with and without them take
 * turns on one apiserver: two apiservers differ by more than the goal. The
 * creates are dry runs, which pass admission as any other: writing 200 Services
 * a second fills two cores, and the queue before them would be all that is
 * seen. Beside them some are made for good, so that the controller has its
 * other work to do.
 */
import type { KubeObject } from '../../src/core/api/kubernetes.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import {
  mutatingWebhookConfigurations,
  type Resource,
  services,
  validatingWebhookConfigurations,
} from '../../src/kube/resources.ts';
import { berth } from '../contenders/berth.ts';
import { until } from '../contenders/contender.ts';
import { type Figure, quantile, round, spread } from '../figure.ts';
import { type Ground, NAMESPACE } from '../ground.ts';
import { AddressWatch, createServices, dryRunCreates, serviceManifest } from '../load.ts';
import type { MeasureOptions } from '../measure.ts';
import { onGround } from '../run.ts';

const perSecond = 200;
const forGoodPerSecond = 10;

interface Pair {
  readonly without: number;
  readonly with: number;
}

export async function admissionCost(options: MeasureOptions): Promise<Figure[]> {
  const services = options.quick ? 200 : 800;
  const pairs = options.quick ? 2 : options.rounds * 4;
  const found = await onGround(berth(), async (ground) => {
    const watch = new AddressWatch(ground);
    await watch.synced;
    const webhooks = await Switch.of(ground);
    const phase = async (on: boolean, prefix: string): Promise<number> => {
      await webhooks.turn(on);
      // Connections and compiled code are warm in any cluster.
      await dryRunCreates(ground, { services: perSecond, writers: 32, perSecond, prefix });
      const forGood = (services / perSecond) * forGoodPerSecond;
      const [toAnswer] = await Promise.all([
        dryRunCreates(ground, { services, writers: 32, perSecond, prefix }),
        createServices(ground, watch, {
          services: forGood,
          writers: 4,
          perSecond: forGoodPerSecond,
          prefix: `${prefix}-kept`,
        }),
      ]);
      return quantile(toAnswer, 0.99);
    };
    const all: Pair[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      // Now the one first, now the other: what only grows weighs on both alike.
      const first = pair % 2 === 0;
      const one = await phase(first, `p${pair}-one`);
      const other = await phase(!first, `p${pair}-other`);
      all.push(first ? { with: one, without: other } : { with: other, without: one });
    }
    await watch.close();
    return all;
  });
  const values = spread(found.map((pair) => pair.with - pair.without));
  return [
    {
      name: `admission added to a create, ${perSecond} a second, p99`,
      unit: 'ms',
      berth: values,
      floor: spread(found.map(({ without }) => without)).median,
      peers: {},
      goal: `≤ 5 ms over no webhook (${round(values.median)} ms)`,
      // A cost below nothing is noise as large as the goal: no result.
      met: Math.abs(values.median) <= 5,
    },
  ];
}

/** Takes the webhooks out of the path of requests, and puts them back. */
class Switch {
  readonly #ground: Ground;
  readonly #configurations: readonly (readonly [Resource, KubeObject])[];
  #on = true;

  private constructor(ground: Ground, configurations: readonly (readonly [Resource, KubeObject])[]) {
    this.#ground = ground;
    this.#configurations = configurations;
  }

  static async of(ground: Ground): Promise<Switch> {
    const read = async (resource: Resource): Promise<readonly [Resource, KubeObject]> => {
      const found = await ground.client.get({ resource, name: 'berth-webhook' });
      const { name, labels } = found.metadata;
      return [resource, { ...found, metadata: { name, ...(labels ? { labels } : {}) } }];
    };
    return new Switch(ground, [await read(mutatingWebhookConfigurations), await read(validatingWebhookConfigurations)]);
  }

  async turn(on: boolean): Promise<void> {
    if (on !== this.#on) {
      for (const [resource, object] of this.#configurations) {
        if (on) await this.#ground.client.create({ resource }, object);
        else await this.#ground.client.delete({ resource, name: object.metadata.name });
      }
      this.#on = on;
    }
    // The apiserver takes a change up some moments after it was made.
    await until(`the webhooks are ${on ? 'in' : 'out of'} the path`, async () => (await this.#refuses()) === on);
  }

  /** Whether a Service is refused that no pool can serve. */
  async #refuses(): Promise<boolean> {
    const trial = serviceManifest('trial');
    const impossible = { ...trial, spec: { ...trial.spec, loadBalancerIP: '203.0.113.1' } };
    try {
      const target = `/api/v1/namespaces/${NAMESPACE}/${services.plural}`;
      await this.#ground.client.request('POST', target, { query: { dryRun: 'All' }, body: impossible });
      return false;
    } catch (error) {
      if (error instanceof KubeError && error.status === 403) return true;
      throw error;
    }
  }
}
