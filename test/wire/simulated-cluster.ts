/** Many nodes on one simulated wire, with one clock of numbers: cut, kill, stall and heal at will. */
import type { PlannedAddress } from '../../src/core/announce/plan.ts';
import { Layer2, type Layer2Output } from '../../src/core/l2/layer2.ts';
import type { Link } from '../../src/core/l2/link.ts';
import type { Report } from '../../src/core/l2/output.ts';
import { formatAddress } from '../../src/core/net/address.ts';
import { parsePrefix } from '../../src/core/net/prefix.ts';
import { planned } from './ground.ts';

const STEP_MS = 5;
const MESSAGE_TAKES_MS = 1;

export interface SimulatedNode {
  readonly name: string;
  readonly link: Link;
  core: Layer2;
  /** A node in another segment neither hears nor is heard. */
  segment: number;
  isRunning: boolean;
  stalledUntil: number;
  readonly reports: (Report & { readonly at: number })[];
  readonly verdicts: string[];
}

export class SimulatedCluster {
  readonly nodes = new Map<string, SimulatedNode>();
  now = 1_000_000;
  /** Messages sent by each node, for its cost. */
  readonly sent = new Map<string, number>();
  /** Share of messages that get lost, drawn by `random`. */
  loss = 0;
  random: () => number = () => 1;
  #plan = new Map<string, PlannedAddress>();
  #inFlight: { readonly at: number; readonly from: string; readonly to: string; readonly output: Layer2Output }[] = [];
  #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
    for (const [at, name] of names.entries()) this.start(name, at);
  }

  /** Starts a node's speaker, or starts it again. */
  start(name: string, number = this.#names.indexOf(name)): void {
    const link: Link = {
      index: 2,
      name: 'eth0',
      mac: { value: 0x02_00_00_00_00_00 + number + 1 },
      isUp: true,
      canAnnounce: true,
      prefixes: ['192.0.2.0/24', '10.0.0.0/8'].map(prefix),
    };
    const before = this.nodes.get(name);
    const core = new Layer2(name, this.now, this.now);
    const node: SimulatedNode = {
      name,
      link,
      core,
      segment: 0,
      isRunning: true,
      stalledUntil: 0,
      reports: before?.reports ?? [],
      verdicts: before?.verdicts ?? [],
    };
    this.nodes.set(name, node);
    this.#carryOut(node, core.changeLinks([link], this.now));
    this.#carryOut(node, core.changeMembers(this.#names, this.now));
    this.#carryOut(node, core.changePlan({ set: [...this.#plan], remove: [] }, this.now));
  }

  node(name: string): SimulatedNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  /** Every node is a candidate for each of the addresses, but for those named. */
  plan(addresses: readonly string[], over: Readonly<Record<string, Partial<PlannedAddress>>> = {}): void {
    const candidates = this.#names.map((node) => ({ node, tier: 0 as const, weight: 0, interfaces: [] }));
    for (const text of addresses) {
      const each = planned(text, { candidates, ...over[text] });
      this.#plan.set(formatAddress(each.address), each);
    }
    for (const node of this.nodes.values()) {
      if (node.isRunning) this.#carryOut(node, node.core.changePlan({ set: [...this.#plan], remove: [] }, this.now));
    }
  }

  /** Carries out what a node's core was made to say from outside. */
  inject(name: string, outputs: readonly Layer2Output[]): void {
    this.#carryOut(this.node(name), outputs);
  }

  /** Ends a node without a word. */
  kill(name: string): void {
    this.node(name).isRunning = false;
  }

  /** Stops a process (SIGSTOP) for a while; it wakes up as it was. */
  stall(name: string, ms: number): void {
    this.node(name).stalledUntil = this.now + ms;
  }

  setLink(name: string, isUp: boolean): void {
    const node = this.node(name);
    this.#carryOut(node, node.core.changeLinks([{ ...node.link, isUp }], this.now));
    node.segment = isUp ? 0 : -1 - this.#names.indexOf(name);
  }

  /** Who answers for an address at this instant; a stalled process answers nothing. */
  answering(address: string): readonly string[] {
    return [...this.nodes.values()]
      .filter((node) => node.isRunning && node.stalledUntil <= this.now && node.core.isJoined)
      .filter((node) => node.core.engine.answered().some((each) => formatAddress(each) === address))
      .map((node) => node.name);
  }

  /** Moves the clock; `each` is called at every step. */
  run(ms: number, each: () => void = () => undefined): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += STEP_MS;
      this.#deliver();
      for (const node of this.nodes.values()) {
        if (!node.isRunning || node.stalledUntil > this.now) continue;
        if (node.stalledUntil > 0) {
          node.stalledUntil = 0;
          const stalledMs = this.now - (this.#tickedAt.get(node.name) ?? this.now);
          this.#carryOut(node, node.core.stalled(stalledMs, this.now));
          for (const { output } of this.#waiting.get(node.name) ?? []) this.#arrive(node, output);
          this.#waiting.delete(node.name);
        }
        this.#tickedAt.set(node.name, this.now);
        this.#carryOut(node, node.core.tick(this.now));
      }
      each();
    }
  }

  readonly #tickedAt = new Map<string, number>();
  /** What came in while a node stood still. */
  readonly #waiting = new Map<string, { readonly output: Layer2Output }[]>();

  #deliver(): void {
    const due = this.#inFlight.filter((each) => each.at <= this.now);
    this.#inFlight = this.#inFlight.filter((each) => each.at > this.now);
    for (const { from, to, output } of due) {
      const target = this.nodes.get(to);
      if (target === undefined || !target.isRunning || target.segment !== this.node(from).segment) continue;
      if (target.stalledUntil > this.now) {
        this.#waiting.set(to, [...(this.#waiting.get(to) ?? []), { output }]);
      } else this.#arrive(target, output);
    }
  }

  #arrive(node: SimulatedNode, output: Layer2Output): void {
    if (output.kind === 'tell') this.#carryOut(node, node.core.message(output.message, this.now).outputs);
    if (output.kind === 'send') this.#carryOut(node, node.core.frame(2, output.frame, this.now));
  }

  #carryOut(node: SimulatedNode, outputs: readonly Layer2Output[]): void {
    const at = this.now + MESSAGE_TAKES_MS;
    for (const output of outputs) {
      switch (output.kind) {
        case 'tell':
          this.sent.set(node.name, (this.sent.get(node.name) ?? 0) + 1);
          if (this.random() >= this.loss) this.#inFlight.push({ at, from: node.name, to: output.to, output });
          break;
        case 'send':
          for (const to of this.nodes.keys()) {
            if (to !== node.name) this.#inFlight.push({ at, from: node.name, to, output });
          }
          break;
        case 'report':
          node.reports.push({ ...output.report, at: this.now });
          break;
        case 'verdict':
          node.verdicts.push(`${output.node} ${output.verdict}`);
          break;
        case 'listen':
          break;
      }
    }
  }
}

function prefix(text: string) {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
