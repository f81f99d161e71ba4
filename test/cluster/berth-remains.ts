/** What is left of Berth in a cluster, on its nodes, and for a client outside. */
import { join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { CommandFailed } from '../../lab/machine/run.ts';
import { waitFor } from '../../lab/machine/wait.ts';
import { FILTER_TABLE } from '../../src/core/l2/unmatched-port.ts';
import { buildOffline, project } from '../delivery/built.ts';
import { curl, withinMs } from '../lab/cluster.ts';

/** Those objects of a folder of manifests that the cluster has. */
export async function present(lab: Lab, folder: string): Promise<readonly string[]> {
  const input = await buildOffline(join(project, folder));
  return lines(await lab.kubectl(['get', '-f', '-', '--ignore-not-found', '-o', 'name'], { input }));
}

/** As `kubectl get` lists them. */
export async function names(lab: Lab, ...what: readonly string[]): Promise<readonly string[]> {
  return lines(await lab.kubectl(['get', ...what, '-o', 'name']));
}

/** Nodes whose kernel has the speakers' table. */
export async function nodesWithTable(lab: Lab): Promise<readonly string[]> {
  const command = ['nft', 'list', 'tables', 'inet'];
  const found = await Promise.all(
    lab.plan.nodes.map(async ({ name }) => {
      const said = await lab.exec(name, command);
      if (said.code !== 0) throw new CommandFailed(command, said);
      return lines(said.stdout).includes(`table inet ${FILTER_TABLE}`) ? [name] : [];
    }),
  );
  return found.flat();
}

/** Waits until a client that has forgotten who had an address finds nobody. */
export async function unanswered(lab: Lab, address: string): Promise<void> {
  await waitFor(
    async () => {
      await lab.exec('client', ['ip', 'neigh', 'flush', 'to', address]);
      return (await curl(lab, address)) === undefined;
    },
    { what: `nobody to answer for ${address}`, withinMs },
  );
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter(Boolean);
}
