import { join } from 'node:path';
import { findProgram } from './binaries.ts';
import { type AuditEvent, readAuditLog } from './control-plane/audit.ts';
import { type Authority, openAuthority } from './control-plane/authority.ts';
import { writeUserKubeconfig } from './control-plane/files.ts';
import { type Layout, layoutOf } from './control-plane/layout.ts';
import { readSettings } from './control-plane/programs.ts';
import { urlOf } from './control-plane/settings.ts';
import { attempt, type Outcome, type RunOptions, run } from './machine/run.ts';
import { labName } from './name.ts';
import { inNamespace } from './network/namespace.ts';
import { type LabPlan, type Machine, machinesOf, type NodePlan, planOf } from './network/plan.ts';
import { type NodeFiles, nodeFilesOf } from './node/files.ts';
import { LabProblem } from './problem.ts';
import { ownerVariable } from './settings.ts';
import { labData, readRecord } from './state.ts';

/** A running lab, as tests, demo and benchmarks hold it; the ways to hurt it are in `hurt/`. */
export class Lab {
  readonly plan: LabPlan;
  /** Where the control plane keeps its files. */
  readonly layout: Layout;

  constructor(plan: LabPlan) {
    this.plan = plan;
    this.layout = layoutOf(join(labData(plan.name), 'control-plane'));
  }

  get name(): string {
    return this.plan.name;
  }

  /** File of the administrator's kubeconfig. */
  get kubeconfig(): string {
    return this.layout.kubeconfig;
  }

  /** Where the apiserver listens: on this machine's address on the LAN. */
  get url(): string {
    return urlOf(readSettings(this.layout));
  }

  /** The machine of this name: "client", "router" or a node. @throws LabProblem naming those that there are. */
  machine(name: string): Machine {
    const machines = machinesOf(this.plan);
    const found = machines.find((machine) => machine.name === name);
    if (found !== undefined) return found;
    const names = machines.map((machine) => machine.name).join(', ');
    throw new LabProblem(`Cannot find machine "${name}" in lab "${this.name}": use one of ${names}`);
  }

  /** The node of this name. @throws LabProblem naming those that there are. */
  node(name: string): NodePlan {
    const found = this.plan.nodes.find((node) => node.name === name);
    if (found !== undefined) return found;
    const names = this.plan.nodes.map((node) => node.name).join(', ');
    throw new LabProblem(`Cannot find node "${name}" in lab "${this.name}": use one of ${names}`);
  }

  /** Where a node keeps its files. */
  files(node: NodePlan): NodeFiles {
    return nodeFilesOf(join(labData(this.name), node.name));
  }

  /** The command that runs another one in the network of "client", "router", "lan" (the switch) or a node. */
  command(where: string, command: readonly string[]): readonly string[] {
    const namespace = where === 'lan' ? this.plan.switchNamespace : this.machine(where).namespace;
    return inNamespace(namespace, command);
  }

  /** Environment that marks a process as this lab's, so that `down` ends it. */
  get mark(): Readonly<Record<string, string>> {
    return { [ownerVariable]: this.name };
  }

  /** Runs a command in the network of a machine and returns how it ended, whatever its code. */
  exec(where: string, command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return attempt(this.command(where, command), { ...options, env: { ...this.mark, ...options.env } });
  }

  /** Runs kubectl as the administrator. @throws CommandFailed when it ends with another code than 0. */
  async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const command = [await findProgram('kubectl'), '--kubeconfig', this.kubeconfig, ...args];
    return run(command, { ...options, env: { ...this.mark, ...options.env } });
  }

  /** Applies objects, given as plain values. @throws CommandFailed when the apiserver refuses one. */
  apply(...objects: readonly object[]): Promise<string> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    return this.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) });
  }

  /** Gives a user of this name and these groups a client certificate; returns the file of the kubeconfig. */
  async kubeconfigFor(user: string, groups: readonly string[] = []): Promise<string> {
    return writeUserKubeconfig(this.layout, readSettings(this.layout), await this.authority(), { user, groups });
  }

  /** The lab's certificate authority. */
  authority(): Promise<Authority> {
    return openAuthority(this.layout.directory);
  }

  /** Every request to the apiserver so far, each once, in order. */
  requests(): readonly AuditEvent[] {
    return readAuditLog(this.layout.auditLog);
  }
}

/** The running lab of this name (`$LAB`, else "dev"). @throws LabProblem when there is none, or only a part of one. */
export function openLab(given?: string): Lab {
  const name = labName(given);
  const record = readRecord(name);
  if (record === undefined) {
    throw new LabProblem(`Cannot find lab "${name}": it isn't running; start it with LAB=${name} bin/lab up`);
  }
  if (!record.complete) {
    throw new LabProblem(
      `Cannot use lab "${name}": it never came up whole; end it with LAB=${name} bin/lab down and start it again`,
    );
  }
  return new Lab(planOf(record.name, record.slot, record.nodes));
}
