/**
 * How long an address is dead when its announcing node fails, and how many
 * connections a planned move costs: a client connects every 5 ms, first while
 * Berth's speakers announce, then MetalLB's, on the same nodes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cutLink, healLink } from '../../lab/hurt/link.ts';
import { monotonicMs } from '../../lab/hurt/outcomes.ts';
import { powerOffNode, powerOnNode } from '../../lab/hurt/power.ts';
import { killProcess } from '../../lab/hurt/process.ts';
import { metallb } from '../contenders/metallb.ts';
import { replaceSpeakers } from '../contenders/metallb-speaker.ts';
import { berthSpeakers, peerSpeakers, podOn, ready, type Speakers } from '../contenders/speakers.ts';
import { type Figure, quantile, round, spread } from '../figure.ts';
import { announcer, connecting, type LabGround, onLab, outageAround } from '../lab-ground.ts';
import type { MeasureOptions } from '../measure.ts';
import { plannedMoves } from './planned-moves.ts';

interface Outages {
  readonly cut: readonly number[];
  readonly kill: readonly number[];
  readonly off: readonly number[];
  readonly kubelet: number;
  readonly planned: Readonly<Record<string, number>>;
}

export async function failover({ quick }: MeasureOptions): Promise<Figure[]> {
  const [berth, peer] = await onLab(async (ground) => {
    const own = await outages(ground, berthSpeakers(quick));
    await replaceSpeakers(ground.lab);
    return [own, await outages(ground, peerSpeakers(quick))] as const;
  });
  return figures(berth, peer);
}

async function outages(ground: LabGround, speakers: Speakers): Promise<Outages> {
  const { lab } = ground;
  const { rounds } = speakers;
  const cut = await repeat(rounds.cut, ground, speakers, async (node) => {
    await cutLink(lab, node);
    return () => healLink(lab, node);
  });
  const kill = await repeat(rounds.kill, ground, speakers, async (node) => {
    await killProcess(lab, `pod/metallb-system/${await podOn(lab, speakers, node)}`);
    return () => ready(lab, speakers);
  });
  const kubelet = await kubeletKilled(ground);
  const planned = await plannedMoves(ground, speakers);
  const off = await repeat(rounds.off, ground, speakers, async (node) => {
    await powerOffNode(lab, node);
    return async () => {
      await powerOnNode(lab, node);
      await lab.kubectl(['wait', 'node', node, '--for=condition=Ready', '--timeout=180s']);
      await ready(lab, speakers);
    };
  });
  return { cut, kill, off, kubelet, planned };
}

/** Times without a connection around a blow to the announcing node, families in turn. */
async function repeat(
  rounds: number,
  { lab, addresses }: LabGround,
  { backAfterMs }: Speakers,
  blow: (node: string) => Promise<() => Promise<unknown>>,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let at = 0; at < rounds; at++) {
    const address = addresses[at % addresses.length]!;
    const heal = await connecting(lab, address, async (client) => {
      const node = await announcer(lab, address);
      const from = monotonicMs();
      const undo = await blow(node);
      found.push(await outageAround(client, from));
      return undo;
    });
    await heal();
    await sleep(backAfterMs);
  }
  return found;
}

/** Connections that failed within 15 s of the end of the announcing node's kubelet. */
function kubeletKilled({ lab, addresses }: LabGround): Promise<number> {
  return connecting(lab, addresses[0]!, async (client) => {
    const node = await announcer(lab, addresses[0]!);
    const from = monotonicMs();
    await killProcess(lab, `${node}/kubelet`);
    await sleep(15_000);
    return client.summary(from).failed;
  });
}

function figures(berth: Outages, peer: Outages): Figure[] {
  const outage = (name: string, key: 'cut' | 'kill' | 'off', mostMs: number): Figure => {
    const sorted = [...berth[key]].sort((a, b) => a - b);
    const p95 = quantile(sorted, 0.95);
    const theirs = spread(peer[key]).median;
    // A tenth of the peer's is asked for where the link is cut.
    const share = key === 'cut' ? ', ≤ a tenth of the peer’s' : '';
    return {
      name,
      unit: 'ms',
      berth: spread(sorted),
      floor: undefined,
      peers: { [metallb.name]: theirs },
      goal: `≤ ${mostMs} ms p95 (${round(p95)} ms of ${sorted.length})${share} (${round(p95 / theirs)} ×)`,
      met: p95 <= mostMs && (key !== 'cut' || p95 <= theirs / 10),
    };
  };
  const failed = (name: string, own: number, theirs: number): Figure => ({
    name,
    unit: 'connections',
    berth: spread([own]),
    floor: undefined,
    peers: { [metallb.name]: theirs },
    goal: '0 failed',
    met: own === 0,
  });
  return [
    outage('link of the announcing node cut → client connects', 'cut', 400),
    outage('speaker killed → client connects', 'kill', 300),
    outage('announcing node powered off → client connects', 'off', 400),
    failed("failed connections: the announcing node's kubelet killed", berth.kubelet, peer.kubelet),
    ...Object.entries(berth.planned).map(([name, value]) =>
      failed(`failed connections: ${name}`, value, peer.planned[name]!),
    ),
  ];
}
