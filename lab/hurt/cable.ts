import type { Lab } from '../lab.ts';
import { LabProblem } from '../problem.ts';
import { processOf } from '../state.ts';

/** The switch's port of a machine's cable. @throws LabProblem for an unknown machine, or a node that is off. */
export function cableOf(lab: Lab, name: string): string {
  const machine = lab.machine(name);
  const isNode = lab.plan.nodes.some((node) => node.name === name);
  if (!isNode || processOf(lab.name, name) !== undefined) return machine.name;
  throw new LabProblem(`Cannot reach the cable of ${name}: the node is off; switch it on with bin/lab on ${name}`);
}
