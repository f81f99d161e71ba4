/** A host outside the cluster that has addresses of a pool: the lab's router, which nothing else needs meanwhile. */
import type { Lab } from '../../lab/lab.ts';
import { announcementFrames } from '../../src/core/l2/frames.ts';
import { parseAddress } from '../../src/core/net/address.ts';
import { known } from './cluster.ts';
import { openStation, type Station } from './station.ts';

export class Stranger implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #station: Station;
  readonly #has = new Set<string>();

  private constructor(lab: Lab, station: Station) {
    this.#lab = lab;
    this.#station = station;
  }

  /** Plants the addresses: from now on the kernel of that host answers for them. */
  static async with(lab: Lab, addresses: readonly string[]): Promise<Stranger> {
    const stranger = new Stranger(lab, await openStation(lab, 'router'));
    for (const address of addresses) await stranger.#address('replace', address);
    return stranger;
  }

  get mac(): string {
    return this.#lab.machine('router').mac;
  }

  /** Tells everybody that it has them. */
  speak(): void {
    for (const address of this.#has) {
      for (const frame of announcementFrames(known(parseAddress(address)), this.#station.mac))
        this.#station.send(frame);
    }
  }

  /** Has them no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#station[Symbol.dispose]();
    for (const address of [...this.#has]) await this.#address('delete', address);
  }

  async #address(verb: 'replace' | 'delete', address: string): Promise<void> {
    const whole = address.includes(':') ? [`${address}/128`, 'dev', 'eth0', 'nodad'] : [`${address}/32`, 'dev', 'eth0'];
    const { code, stderr } = await this.#lab.exec('router', ['ip', 'address', verb, ...whole]);
    if (code !== 0) throw new Error(`Cannot ${verb} ${address} on the stranger: ${stderr}`);
    if (verb === 'replace') this.#has.add(address);
    else this.#has.delete(address);
  }
}
