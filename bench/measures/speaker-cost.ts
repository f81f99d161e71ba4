/** What a speaker needs while nothing happens and the cluster has 1,000 addresses. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../../lab/hurt/target.ts';
import type { Lab } from '../../lab/lab.ts';
import { namespace, pool, service } from '../../test/lab/cluster.ts';
import { residentMebibytes, until } from '../contenders/contender.ts';
import { berthSpeakers, podOn } from '../contenders/speakers.ts';
import { type Figure, round, spread } from '../figure.ts';
import { onLab } from '../lab-ground.ts';
import type { MeasureOptions } from '../measure.ts';

const of = 'many';
/** What /proc counts a process's time in (USER_HZ of every Linux that Node runs on). */
const TICKS_PER_SECOND = 100;

export function speakerCost({ quick }: MeasureOptions): Promise<Figure[]> {
  const dualStack = quick ? 50 : 500;
  const seconds = quick ? 10 : 60;
  return onLab(async ({ lab }) => {
    await announced(lab, dualStack);
    // Announcing ends within a second; what was set off by it comes to rest.
    await sleep(15_000);
    const speakers = await Promise.all(
      lab.plan.nodes.map(async ({ name }) => {
        const [process] = await processesOf(
          lab,
          `pod/metallb-system/${await podOn(lab, berthSpeakers(quick), name)}/speaker`,
        );
        return process!.pid;
      }),
    );
    const before = speakers.map(ticks);
    await sleep(seconds * 1_000);
    const shares = speakers.map((pid, at) => ((ticks(pid) - before[at]!) * 100) / TICKS_PER_SECOND / seconds);
    const resident = spread(speakers.map(residentMebibytes));
    const share = spread(shares);
    const figure = (name: string, unit: string, values: typeof share, most: number): Figure => ({
      name: `${name}, idle, ${2 * dualStack} addresses in the cluster`,
      unit,
      berth: values,
      floor: undefined,
      peers: {},
      goal: `≤ ${most} ${unit} (${round(values.max)} ${unit})`,
      met: values.max <= most,
    });
    return [figure("speaker's resident memory", 'MiB', resident, 80), figure("speaker's CPU", '% of a core', share, 1)];
  });
}

/** Makes Services of two addresses each, and waits until speakers say that they announce them all. */
async function announced(lab: Lab, count: number): Promise<void> {
  const { ipv4, ipv6 } = lab.plan.loadBalancers;
  const [one, two, three] = ipv4.split('.');
  // Beyond what the ground's own pool has.
  const ranges = [`${one}.${two}.${Number(three) + 2}.0/23`, `${ipv6.split('/')[0]!.replace(/::$/, '')}::1:0/112`];
  await lab.apply(...pool(lab, of, 0, { addresses: ranges }), namespace(of, { 'berth.dev/pool': of }));
  const each = { allocateLoadBalancerNodePorts: false, ipFamilyPolicy: 'RequireDualStack' };
  await lab.apply(...Array.from({ length: count }, (_, at) => service(`web-${at}`, of, each)));
  await until(`${count} Services to be announced`, async () => {
    const all = await lab.kubectl(['get', 'servicel2statuses', '-n', 'metallb-system', '-o', 'name']);
    return all.split('\n').filter((line) => line !== '').length >= count + 1;
  });
}

/** The processor time that a process has had. */
function ticks(pid: number): number {
  // The name, in brackets, may hold spaces; utime and stime are the 14th and 15th field (proc_pid_stat(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
