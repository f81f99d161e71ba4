import { findProgram } from '../binaries.ts';
import type { Lab } from '../lab.ts';
import { run } from '../machine/run.ts';
import { allOf } from '../machine/settled.ts';
import type { NodePlan } from '../network/plan.ts';
import { LabProblem } from '../problem.ts';
import { processOf } from '../state.ts';
import { readIndex } from './archive.ts';
import { containerdOf } from './power.ts';

/**
 * Imports OCI archives into the containerd of a node, as far as it hasn't the same images already.
 *
 * @throws LabProblem when the node is off.
 */
export async function importImages(
  lab: Lab,
  node: NodePlan,
  archives: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const ctr = await ctrOf(lab, node, signal);
  const present = await run([...ctr, 'images', 'list'], { signal, env: lab.mark });
  for (const archive of archives) {
    const { name, digest } = await readIndex(archive);
    if (present.split('\n').some((line) => line.startsWith(`${name} `) && line.includes(digest))) continue;
    await run([...ctr, 'images', 'import', archive], { signal, env: lab.mark });
  }
}

/** Imports OCI archives into every node that is on, side by side. */
export async function importEverywhere(lab: Lab, archives: readonly string[], signal?: AbortSignal): Promise<void> {
  await allOf(nodesOn(lab).map((node) => importImages(lab, node, archives, signal)));
}

/** Gives an image that every node has another name there, as if it had been pulled by that. */
export async function nameEverywhere(lab: Lab, image: string, name: string): Promise<void> {
  await allOf(
    nodesOn(lab).map(async (node) => {
      await run([...(await ctrOf(lab, node)), 'images', 'tag', '--force', image, name], { env: lab.mark });
    }),
  );
}

function nodesOn(lab: Lab): readonly NodePlan[] {
  return lab.plan.nodes.filter((node) => processOf(lab.name, node.name) !== undefined);
}

async function ctrOf(lab: Lab, node: NodePlan, signal?: AbortSignal): Promise<readonly string[]> {
  const power = processOf(lab.name, node.name);
  if (power === undefined) {
    throw new LabProblem(
      `Cannot reach the images of ${node.name}: it is off; switch it on with bin/lab on ${node.name}`,
    );
  }
  const socket = await containerdOf(lab.files(node), node, power, signal);
  return [await findProgram('ctr'), '--address', socket, '--namespace', 'k8s.io'];
}
