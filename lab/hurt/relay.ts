import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { assertRunning, startDaemon } from '../machine/daemon.ts';
import { endProcesses } from '../machine/process-id.ts';
import { attempt, run } from '../machine/run.ts';
import { waitFor } from '../machine/wait.ts';
import { ip } from '../network/lan.ts';
import { LabProblem } from '../problem.ts';
import { forgetProcess, labData, noteProcess, processOf } from '../state.ts';
import { cableOf } from './cable.ts';

/** What happens to the frames on a machine's cable, in both directions. */
export interface Relaying {
  /** Added to each frame; 0 when left out. */
  readonly delayMs?: number;
  /** Up to this much more, drawn for each frame, so that frames also overtake each other; 0 when left out. */
  readonly jitterMs?: number;
  /** How many of a hundred frames arrive twice; 0 when left out. */
  readonly duplicatePercent?: number;
}

/**
 * Puts a relay into a machine's cable, since the kernel's own tool for this
 * (netem) is rarely there: the machine's port leaves the bridge, and a process
 * carries each frame between it and a new port. Replaces an earlier relay.
 *
 *     machine eth0 ── port NAME ── relay ── NAME-r ── NAME-b ── bridge
 *
 * @throws LabProblem for a number out of range.
 */
export async function relayPackets(lab: Lab, name: string, relaying: Relaying): Promise<void> {
  const { delayMs = 0, jitterMs = 0, duplicatePercent = 0 } = relaying;
  for (const [what, value, most] of [
    ['delay', delayMs, 60_000],
    ['jitter', jitterMs, 60_000],
    ['percentage of duplicates', duplicatePercent, 100],
  ] as const) {
    if (!(value >= 0 && value <= most)) throw new LabProblem(`Cannot use ${value} as ${what}: use 0 to ${most}`);
  }
  await removeRelay(lab, name);
  const [port, inner, outer] = portsOf(cableOf(lab, name));
  // The relay reads frames as they are in memory: checksums and segments must be made before, not by an interface.
  await run(lab.command(name, ['ethtool', '-K', 'eth0', 'tx', 'off', 'gso', 'off', 'tso', 'off']), { env: lab.mark });
  await ip(lab.plan.switchNamespace, [
    `link add ${inner} type veth peer name ${outer}`,
    `link set ${inner} up`,
    `link set ${port} nomaster`,
    `link set ${outer} master lan`,
    `link set ${outer} up`,
  ]);
  const offloads = ['ethtool', '-K', outer, 'tx', 'off', 'gso', 'off', 'tso', 'off'];
  await run(lab.command('lan', offloads), { env: lab.mark });
  const logFile = join(labData(lab.name), `${roleOf(port)}.log`);
  const script = join(import.meta.dirname, 'relay-main.ts');
  const settings = JSON.stringify({ delayMs, jitterMs, duplicatePercent });
  rmSync(logFile, { force: true });
  const indexes = [await interfaceIndex(lab, port), await interfaceIndex(lab, inner)];
  const relay = await startDaemon({
    command: lab.command('lan', [process.execPath, script, ...indexes, settings]),
    logFile,
    lifetime: 'detached',
    env: lab.mark,
  });
  noteProcess(lab.name, roleOf(port), relay);
  await waitFor(
    () => {
      assertRunning(relay, `The relay of ${port}`, logFile);
      return readFileSync(logFile, 'utf8').includes('relaying');
    },
    { what: `the relay of ${port} to listen`, withinMs: 30_000 },
  );
}

async function interfaceIndex(lab: Lab, port: string): Promise<string> {
  const [link] = JSON.parse(await run(lab.command('lan', ['ip', '-json', 'link', 'show', 'dev', port])));
  return String(link.ifindex);
}

/** Takes the relay out of a machine's cable; does nothing where there is none. */
export async function removeRelay(lab: Lab, name: string): Promise<void> {
  const [port, inner] = portsOf(lab.machine(name).name);
  const relay = processOf(lab.name, roleOf(port));
  if (relay !== undefined) await endProcesses([relay], 0);
  forgetProcess(lab.name, roleOf(port));
  const present = await attempt(lab.command('lan', ['ip', 'link', 'show', inner]), { env: lab.mark });
  if (present.code !== 0) return;
  await ip(lab.plan.switchNamespace, [`link delete ${inner}`, `link set ${port} master lan`]);
  await run(lab.command(name, ['ethtool', '-K', 'eth0', 'tx', 'on', 'gso', 'on', 'tso', 'on']), { env: lab.mark });
}

function portsOf(machine: string): readonly [port: string, inner: string, outer: string] {
  return [machine, `${machine}-r`, `${machine}-b`];
}

function roleOf(port: string): string {
  return `relay-${port}`;
}
