import type { Lab } from '../lab.ts';
import { attempt, run } from '../machine/run.ts';
import { machinesOf } from '../network/plan.ts';
import { LabProblem } from '../problem.ts';

const table = ['bridge', 'partition'];

/**
 * Splits the switch: no frame passes between machines of different groups.
 * Their links keep the carrier. A machine in no group, and this machine with
 * its apiserver, which goes by the name of `host`, reach all the others.
 * Replaces an earlier partition.
 *
 * @throws LabProblem for an unknown machine, or one that is in two groups.
 */
export async function partitionLan(lab: Lab, groups: readonly (readonly string[])[]): Promise<void> {
  const names = machinesOf(lab.plan).map((machine) => machine.name);
  const rules = partitionRules(groups, ['host', ...names]);
  await healPartition(lab);
  const input = `table ${table.join(' ')} {
  chain forward {
    type filter hook forward priority 0;
    ${rules.join('\n    ')}
  }
}
`;
  await run(lab.command('lan', ['nft', '-f', '-']), { input, env: lab.mark });
}

/** Makes the switch whole again; does nothing where it is. */
export async function healPartition(lab: Lab): Promise<void> {
  const present = await attempt(lab.command('lan', ['nft', 'list', 'table', ...table]), { env: lab.mark });
  if (present.code === 0) await run(lab.command('lan', ['nft', 'delete', 'table', ...table]), { env: lab.mark });
}

/** Rules of nft(8) that part each group from the machines of all the others. @throws LabProblem as `partitionLan`. */
export function partitionRules(groups: readonly (readonly string[])[], known: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  for (const name of groups.flat()) {
    if (!known.includes(name)) {
      throw new LabProblem(`Cannot find machine "${name}" to part from others: use ${known.join(', ')}`);
    }
    if (seen.has(name)) throw new LabProblem(`Cannot put ${name} on two sides of a partition: name it once`);
    seen.add(name);
  }
  return groups.flatMap((group) => {
    const others = groups.filter((each) => each !== group).flat();
    if (group.length === 0 || others.length === 0) return [];
    return [`iifname ${setOf(group)} oifname ${setOf(others)} counter drop`];
  });
}

/** A machine whose cable has a relay in it hangs on the port that the relay made (see relay.ts). */
function setOf(machines: readonly string[]): string {
  return `{ ${machines.flatMap((name) => [`"${name}"`, `"${name}-b"`]).join(', ')} }`;
}
