/** The worker thread that ships, in a network namespace, and a station on the same bridge. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedAddress } from '../../src/core/announce/plan.ts';
import type { CounterDelta } from '../../src/core/l2/counters.ts';
import type { Report } from '../../src/core/l2/output.ts';
import { wideArpFilter, wideNdpFilter } from '../../src/core/l2/socket-filter.ts';
import { formatAddress } from '../../src/core/net/address.ts';
import { parseMac } from '../../src/core/net/mac.ts';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6 } from '../../src/core/wire/ethernet.ts';
import { LinkMonitor } from '../../src/speaker/l2/link-monitor.ts';
import type { WorkerSettings } from '../../src/speaker/l2/messages.ts';
import { PacketSocket } from '../../src/speaker/l2/packet-socket.ts';
import { WorkerThread } from '../../src/speaker/l2/worker-thread.ts';
import { type Ground, NODE, type Station } from './ground.ts';
import { inNamespace, Lan, macOf } from './namespaces.ts';

const ENTRY = new URL('./worker-in-namespace.ts', import.meta.url);
const LONGEST_MS = 60_000;

export interface RealGround extends Ground {
  readonly lan: Lan;
  /** What happened on the wire so far, as the worker counted it. */
  readonly counts: readonly CounterDelta[];
  /** Namespace of the node, and of the station. */
  readonly node: string;
  readonly client: string;
}

/** The name that the node's cable has on the bridge. */
export const NODE_CABLE = 'node';

export async function realGround(): Promise<RealGround> {
  const lan = new Lan();
  try {
    return await build(lan);
  } catch (error) {
    lan[Symbol.dispose]();
    throw error;
  }
}

async function build(lan: Lan): Promise<RealGround> {
  const node = lan.addHost(NODE_CABLE, ['192.0.2.1/24', '2001:db8::1/64']);
  const client = lan.addHost('client', ['192.0.2.2/24', '2001:db8::2/64']);
  const reports: Report[] = [];
  const counts: CounterDelta[] = [];
  let plansDone = 0;
  let plansSent = 0;

  const settings: WorkerSettings & { namespace: string } = { node: NODE, membership: undefined, namespace: node };
  const worker = new WorkerThread(
    settings,
    (message) => {
      if (message.kind === 'report') reports.push(message.report);
      if (message.kind === 'planned') plansDone++;
      if (message.kind === 'counted') counts.push(message.delta);
    },
    ENTRY,
  );
  await worker.ready;
  const station = new RealStation(client);

  return {
    lan,
    node,
    client,
    nodeMac: mac(node),
    station,
    reports,
    counts,
    plan: async ({ set = [], remove = [] }) => {
      const entries = set.map((each): [string, PlannedAddress] => [formatAddress(each.address), each]);
      worker.post({ kind: 'plan', change: { set: entries, remove } });
      const wanted = ++plansSent;
      await until('the plan carried out', () => (plansDone >= wanted ? true : worker.failure && fail(worker.failure)));
    },
    report: (what, satisfies) => until(what, () => reports.find(satisfies)),
    [Symbol.asyncDispose]: async () => {
      try {
        await worker.stop();
        station.close();
      } finally {
        lan[Symbol.dispose]();
      }
    },
  };
}

/** A host on the bridge, by its packet sockets. */
export class RealStation implements Station {
  readonly mac;
  readonly #heard: Uint8Array[] = [];
  readonly #arp: PacketSocket;
  readonly #ndp: PacketSocket;

  constructor(namespace: string) {
    this.mac = mac(namespace);
    [this.#arp, this.#ndp] = inNamespace(namespace, () => {
      const { index } = interfaceOf();
      return [
        new PacketSocket(index, ETHER_TYPE_ARP, wideArpFilter()),
        new PacketSocket(index, ETHER_TYPE_IPV6, wideNdpFilter()),
      ] as const;
    });
  }

  get heard(): readonly Uint8Array[] {
    for (const socket of [this.#arp, this.#ndp]) {
      for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) this.#heard.push(frame.slice());
    }
    return this.#heard;
  }

  send(frame: Uint8Array): void {
    this.#arp.send(frame);
  }

  hear(what: string, satisfies: (frame: Uint8Array) => boolean): Promise<Uint8Array> {
    return until(what, () => this.heard.find(satisfies));
  }

  close(): void {
    this.#arp.close();
    this.#ndp.close();
  }
}

/** The one interface of the calling thread's namespace that isn't the loopback. */
function interfaceOf(): { readonly index: number } {
  const monitor = new LinkMonitor();
  try {
    const link = monitor.read().find((each) => each.name === 'eth0');
    if (link === undefined) throw new Error('no eth0 in this namespace');
    return link;
  } finally {
    monitor.close();
  }
}

function mac(namespace: string) {
  const parsed = parseMac(macOf(namespace));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function fail(message: string): never {
  throw new Error(message);
}

/** Looks again and again, until something is found. */
export async function until<T>(what: string, found: () => T | undefined | false | ''): Promise<T> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(5)) {
    const value = found();
    if (value !== undefined && value !== false && value !== '') return value;
  }
  throw new Error(`never came within ${LONGEST_MS / 1000} s: ${what}`);
}

/** Looks again and again, until a condition that takes a while to ask for holds. */
export async function untilTrue(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(50)) {
    if (await holds()) return;
  }
  throw new Error(`never came within ${LONGEST_MS / 1000} s: ${what}`);
}
