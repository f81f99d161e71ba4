/** An engine on a wire that exists in memory, with a clock that only moves when something waits. */
import type { PlannedAddress } from '../../src/core/announce/plan.ts';
import { Engine } from '../../src/core/l2/engine.ts';
import type { Link } from '../../src/core/l2/link.ts';
import type { Output, Report } from '../../src/core/l2/output.ts';
import { formatAddress } from '../../src/core/net/address.ts';
import { parsePrefix } from '../../src/core/net/prefix.ts';
import { type Ground, NODE, type Station } from './ground.ts';

const STEP_MS = 10;
const LONGEST_MS = 120_000;

const LINK: Link = {
  index: 2,
  name: 'eth0',
  mac: { value: 0x02_00_00_00_00_0a },
  isUp: true,
  canAnnounce: true,
  prefixes: ['192.0.2.0/24', '2001:db8::/64'].map((text) => {
    const prefix = parsePrefix(text);
    if (!prefix.ok) throw new Error(prefix.error);
    return prefix.value;
  }),
};

export async function simulatedGround(): Promise<Ground> {
  const engine = new Engine(NODE);
  const heard: Uint8Array[] = [];
  const reports: Report[] = [];
  let now = 1_000;

  function carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.kind === 'send') heard.push(output.frame);
      if (output.kind === 'report') reports.push(output.report);
    }
  }

  function until<T>(what: string, found: () => T | undefined): T {
    for (const end = now + LONGEST_MS; now < end; now += STEP_MS) {
      const value = found();
      if (value !== undefined) return value;
      carryOut(engine.tick(now + STEP_MS));
    }
    throw new Error(`never came: ${what}`);
  }

  const station: Station = {
    mac: { value: 0x02_00_00_00_00_0b },
    heard,
    send: (frame) => carryOut(engine.frame(LINK.index, frame, now)),
    hear: async (what, satisfies) => until(what, () => heard.find(satisfies)),
  };

  carryOut(engine.changeLinks([LINK], now));
  return {
    nodeMac: LINK.mac,
    station,
    reports,
    plan: async ({ set = [], remove = [] }) => {
      const entries = set.map((each): [string, PlannedAddress] => [formatAddress(each.address), each]);
      carryOut(engine.changePlan({ set: entries, remove }, now));
    },
    report: async (what, satisfies) => until(what, () => reports.find(satisfies)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
