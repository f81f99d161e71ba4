/** One Service over both families, and a capture of the switch that shows which node answers for its addresses. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type Dispute, disputesIn, readAnswers } from '../../lab/hurt/answers.ts';
import { type Capture, startCapture } from '../../lab/hurt/capture.ts';
import { healPartition, partitionLan } from '../../lab/hurt/partition.ts';
import type { Lab } from '../../lab/lab.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { DEAD_AFTER_MS } from '../../src/core/l2/suspicion.ts';
import { startAsker } from './asker.ts';
import { accepted, admissionAnswers, removeWorkload, served, withinMs, workload } from './cluster.ts';

/**
 * The kernel asks for a peer's hardware address once a second, and on a machine
 * without a free core a heartbeat comes late. What it takes on a quiet one, the benchmark says.
 */
const heardWithinMs = 2_500;

export class FailoverGround {
  readonly lab: Lab;
  readonly #of: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'berth-failover-'));
  #addresses: readonly string[] = [];
  #capture: Capture | undefined;
  #asker: Disposable | undefined;
  readonly #partitions: { readonly from: number; readonly to: number }[] = [];

  private constructor(lab: Lab, of: string) {
    this.lab = lab;
    this.#of = of;
  }

  /** Brings the workload up in a namespace and a pool of this name, and begins to watch. Call `end` in any case. */
  static async start(lab: Lab, of: string, quarter: 0 | 1 | 2 | 3): Promise<FailoverGround> {
    const ground = new FailoverGround(lab, of);
    ground.#addresses = await workload(lab, of, quarter);
    for (const address of ground.#addresses) await served(lab, address);
    ground.#capture = await startCapture(lab, 'lan', join(ground.#folder, 'answers.pcap'), ['arp or icmp6']);
    ground.#asker = await startAsker(lab, ground.#addresses);
    return ground;
  }

  /** One of each family. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** All that machines said of the addresses so far. */
  answers(): readonly Answer[] {
    assert.ok(this.#capture, 'the capture runs');
    return readAnswers(readFileSync(this.#capture.file)).filter(({ address }) => this.#addresses.includes(address));
  }

  /** The machine that answered for an address last, after this time; undefined where none did. */
  answering(address: string, since = 0): string | undefined {
    const last = this.answers().findLast((each) => each.address === address);
    if (last === undefined || last.at < since) return undefined;
    return this.lab.plan.nodes.find(({ mac }) => mac === last.mac)?.name ?? last.mac;
  }

  /** Has one node preferred for all addresses, and waits until it answers for them. */
  async prefer(node: string): Promise<void> {
    const preference = { matchLabels: { 'kubernetes.io/hostname': node } };
    const spec = { preferredNodeSelectors: [{ weight: 100, preference }] };
    const advertisement = ['l2advertisement', this.#of, '-n', 'metallb-system'];
    const patch = ['patch', ...advertisement, '--type=merge', '-p', JSON.stringify({ spec })];
    // The webhook of a node that just lost its power, or just booted, doesn't answer.
    await waitFor(() => accepted(this.lab, patch), { what: `${node} to be preferred`, withinMs });
    await this.until(`${node} to answer for all addresses`, (name) => name === node);
  }

  /** Waits until for each address a machine that satisfies has the last word, heard from now on. */
  async until(what: string, satisfies: (machine: string) => boolean): Promise<void> {
    const since = Date.now();
    await waitFor(
      () =>
        this.#addresses.every((address) => {
          const name = this.answering(address, since);
          return name !== undefined && satisfies(name);
        }),
      { what, withinMs, hint: () => this.#addresses.map((one) => `${one}: ${this.answering(one)}`).join(', ') },
    );
  }

  /** Waits until another node than this one answers, and clients are served over both families. */
  async takenFrom(node: string): Promise<void> {
    await this.until(`another node than ${node} to answer`, (name) => name !== node);
    for (const address of this.#addresses) await served(this.lab, address);
  }

  /** Waits until one machine alone has answered for each address for a second. */
  async settled(): Promise<void> {
    const from = Date.now();
    await waitFor(
      () => {
        const recent = this.answers().filter(({ at }) => at > Date.now() - 1_000);
        return (
          Date.now() - from > 1_000 && this.#addresses.every((address) => new Set(macsFor(address, recent)).size === 1)
        );
      },
      { what: 'one node alone to answer', withinMs, hint: () => JSON.stringify(this.answers().slice(-10)) },
    );
  }

  /** Splits the switch between these groups for as long as it takes to act, heals it, and waits until all agree again. */
  async partitioned(groups: readonly (readonly string[])[], act: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await partitionLan(this.lab, groups);
    try {
      await act();
    } finally {
      await healPartition(this.lab);
    }
    await this.settled();
    this.#partitions.push({ from, to: Date.now() });
  }

  /** The pod of a node's speaker. */
  async speakerOn(node: string): Promise<string> {
    const selector = ['-l', 'component=speaker', '--field-selector', `spec.nodeName=${node}`];
    const found = await this.lab.kubectl(['get', 'pods', '-n', 'metallb-system', ...selector, '-o', 'name']);
    return found.trim().replace('pod/', 'pod/metallb-system/');
  }

  /**
   * Times in which two machines answered for one address, longer than speakers
   * may need to hear each other; while the switch was split they couldn't.
   */
  disputes(): readonly Dispute[] {
    const whole = this.answers().filter(({ at }) => !this.#partitions.some(({ from, to }) => at >= from && at <= to));
    return disputesIn(whole, DEAD_AFTER_MS).filter(({ from, to }) => to - from > heardWithinMs);
  }

  /** Leaves nothing; every node must be whole. */
  async end(): Promise<void> {
    this.#asker?.[Symbol.dispose]();
    await this.#capture?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    await this.lab.kubectl(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=180s']);
    await this.lab.kubectl(['rollout', 'status', 'daemonset/speaker', '-n', 'metallb-system', '--timeout=180s']);
    await admissionAnswers(this.lab);
    await removeWorkload(this.lab, [this.#of]);
  }
}

function macsFor(address: string, answers: readonly Answer[]): readonly string[] {
  return answers.filter((each) => each.address === address).map((each) => each.mac);
}
