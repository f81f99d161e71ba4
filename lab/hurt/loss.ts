import type { Lab } from '../lab.ts';
import { attempt, run } from '../machine/run.ts';
import { LabProblem } from '../problem.ts';
import { cableOf } from './cable.ts';

/** Which way packets go, as the machine sees it. */
export type Direction = 'to' | 'from' | 'both';

/** Which packets are lost. */
export interface Loss {
  /** 1 to 100. */
  readonly percent: number;
  /** Both when left out. */
  readonly direction?: Direction;
  /**
   * A condition of nft(8) in the netdev family that narrows it, such as
   * "ether type arp" or "udp dport 3784"; every frame when left out.
   */
  readonly matching?: string;
}

/**
 * Loses packets on a machine's cable, at its port of the switch: what sends or
 * listens on the machine itself can't tell. Replaces an earlier loss there.
 *
 * @throws LabProblem for a percentage out of range, or a condition that nft refuses.
 */
export async function dropPackets(lab: Lab, name: string, loss: Loss): Promise<void> {
  if (!(loss.percent >= 1 && loss.percent <= 100)) {
    throw new LabProblem(`Cannot drop ${loss.percent} % of packets: use a number from 1 to 100`);
  }
  const port = cableOf(lab, name);
  const direction = loss.direction ?? 'both';
  const chance = loss.percent === 100 ? '' : `numgen random mod 100 < ${Math.round(loss.percent)}`;
  // What the switch receives at a port comes from the machine; what it sends there goes to it.
  const hooks = [...(direction === 'to' ? [] : ['ingress']), ...(direction === 'from' ? [] : ['egress'])];
  const chains = hooks.map(
    (hook) => `chain ${hook} {
    type filter hook ${hook} device "${port}" priority 0;
    ${loss.matching ?? ''} ${chance} counter drop
  }`,
  );
  await clearLoss(lab, name);
  await run(lab.command('lan', ['nft', '-f', '-']), {
    input: `table netdev ${tableOf(port)} {\n  ${chains.join('\n  ')}\n}\n`,
    env: lab.mark,
  });
}

/** Ends the loss on a machine's cable; does nothing where there is none. */
export async function clearLoss(lab: Lab, name: string): Promise<void> {
  const table = ['netdev', tableOf(lab.machine(name).name)];
  const present = await attempt(lab.command('lan', ['nft', 'list', 'table', ...table]), { env: lab.mark });
  if (present.code === 0) await run(lab.command('lan', ['nft', 'delete', 'table', ...table]), { env: lab.mark });
}

function tableOf(port: string): string {
  return `loss_${port.replaceAll('-', '_')}`;
}
