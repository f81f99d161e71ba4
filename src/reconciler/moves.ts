/**
 * Moves Services away from addresses that other hosts have, where pools say so.
 * First the address is set aside, then the Service gets another one: whoever
 * leads when something fails in between finds the same facts, and goes on.
 */
import { readUnannounced } from '../core/announce/unannounced.ts';
import type { Service } from '../core/api/kubernetes.ts';
import { isOneOf, parseAddress } from '../core/net/address.ts';
import type { Contested } from '../core/policy/exchange.ts';
import { type Contest, judgeContest } from '../core/policy/move.ts';
import type { AnnouncedAddress } from '../core/status/announced.ts';
import type { LiveWorld } from '../kube/live-world.ts';
import type { HoldDowns } from './hold-downs.ts';
import type { ServiceReconciler } from './service-reconciler.ts';

export interface MovesOptions {
  readonly world: LiveWorld;
  readonly holdDowns: Pick<HoldDowns, 'contested' | 'setAside'>;
  readonly services: Pick<ServiceReconciler, 'exchange'>;
}

/** What is known of the addresses of a Service, and which of them it shall leave. */
export interface Judged {
  readonly addresses: readonly AnnouncedAddress[];
  readonly leaving: readonly Contested[];
}

export class Moves {
  readonly #options: MovesOptions;

  constructor(options: MovesOptions) {
    this.#options = options;
  }

  judge(service: Service, addresses: readonly AnnouncedAddress[]): Judged {
    const { world, holdDowns } = this.#options;
    const listed = readUnannounced(service);
    const leaving: Contested[] = [];
    const judged = addresses.map((each) => {
      const contest = contestOf(each, listed);
      if (contest === undefined) return each;
      const verdict = judgeContest(world.request(service), world.world(), contest, holdDowns.contested());
      if (verdict?.kind === 'move') leaving.push(contest);
      return { ...each, verdict };
    });
    return { addresses: judged, leaving };
  }

  /**
   * One step on the way. False: the addresses were set aside; while that took
   * its time the stranger may have gone, so judge anew before anything is taken.
   */
  async go({ metadata: { namespace = '', name } }: Service, leaving: readonly Contested[]): Promise<boolean> {
    const { holdDowns, services } = this.#options;
    const open = leaving.filter(({ address }) => !isOneOf(address, holdDowns.contested()));
    await Promise.all(open.map((each) => holdDowns.setAside(namespace, name, each)));
    if (open.length > 0) return false;
    services.exchange(`${namespace}/${name}`, leaving);
    return true;
  }
}

function contestOf(
  { address, announcer, contestants }: AnnouncedAddress,
  listed: readonly string[],
): Contest | undefined {
  const [first] = contestants;
  const parsed = parseAddress(address);
  if (first === undefined || announcer !== undefined || !parsed.ok) return undefined;
  const unannounced = listed.includes(address) && contestants.every((each) => each.unannounced);
  return { address: parsed.value, by: first.mac, unannounced };
}
