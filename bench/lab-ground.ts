/** A whole cluster for what must be measured on nodes and wires, with one Service whose addresses a client connects to. */

import { setTimeout as sleep } from 'node:timers/promises';
import { installBerth } from '../lab/berth.ts';
import { labDown } from '../lab/down.ts';
import { type ConnectClient, startConnectClient } from '../lab/hurt/connect-client.ts';
import { monotonicMs } from '../lab/hurt/outcomes.ts';
import type { Lab } from '../lab/lab.ts';
import { labUp } from '../lab/up.ts';
import { served, workload } from '../test/lab/cluster.ts';
import { until } from './contenders/contender.ts';

const of = 'bench';

export interface LabGround {
  readonly lab: Lab;
  /** One of each family. */
  readonly addresses: readonly string[];
}

/** Three nodes with Berth in them; gone when `work` is done, however that ends. */
export async function onLab<T>(work: (ground: LabGround) => Promise<T>): Promise<T> {
  const name = `b${process.pid % 10_000_000}`;
  try {
    const lab = await labUp({ name, nodes: 3, berth: true });
    await installBerth(lab);
    const found = await workload(lab, of, 0);
    for (const address of found) await served(lab, address);
    return await work({ lab, addresses: found });
  } finally {
    await labDown(name);
  }
}

/** The longest time without a connection around a blow that fell at `from`, in ms, once clients connect again. */
export async function outageAround(client: ConnectClient, from: number): Promise<number> {
  // Its last connection is from before the blow: what counts is one long after it.
  await client.success({ from: monotonicMs() + 500, withinMs: 120_000 });
  await sleep(1_000);
  return client.summary(from - 500).longestGapMs!;
}

/** The node that answers a client for an address; the client must be connecting to it. */
export async function announcer(lab: Lab, address: string): Promise<string> {
  let found: string | undefined;
  await until(`a node to answer for ${address}`, async () => {
    const { stdout } = await lab.exec('client', ['ip', 'neighbour', 'show', 'to', address]);
    found = lab.plan.nodes.find(({ mac }) => stdout.includes(mac))?.name;
    return found !== undefined;
  });
  return found!;
}

/** Runs `work` while a client outside connects to an address every 5 ms, the first time with success before it begins. */
export async function connecting<T>(
  lab: Lab,
  address: string,
  work: (client: ConnectClient) => Promise<T>,
): Promise<T> {
  const client = await startConnectClient(lab, { address, port: 80, everyMs: 5, request: false });
  try {
    await client.success();
    return await work(client);
  } finally {
    await client.stop();
  }
}
