import { delimiter, dirname } from 'node:path';
import type { Command } from 'commander';
import { findProgram } from '../binaries.ts';
import { captureCommand } from '../hurt/capture.ts';
import { connectCommand } from '../hurt/connect-client.ts';
import { openLab } from '../lab.ts';
import { initOf } from '../node/power.ts';
import { LabProblem } from '../problem.ts';
import { processOf } from '../state.ts';
import { foreground } from './foreground.ts';

/** The verbs that run something in the lab, with this terminal; their exit code is the command's. */
export function addVerbsOfUse(program: Command): void {
  program
    .command('exec')
    .description('run a command in the network of client, router, lan (the switch) or a node')
    .argument('<where>')
    .argument('<command...>')
    .passThroughOptions()
    .action(async (where: string, command: readonly string[]) => {
      const lab = openLab();
      process.exitCode = await foreground(lab.command(where, plain(command)), lab.mark);
    });

  program
    .command('enter')
    .description('run a command, else a shell, inside a node: its files, processes and network (ctr, nft, …)')
    .argument('<node>')
    .argument('[command...]')
    .passThroughOptions()
    .action(async (name: string, command: readonly string[]) => {
      const lab = openLab();
      const power = processOf(lab.name, lab.node(name).name);
      const init = power && initOf(power);
      if (init === undefined) throw new LabProblem(`Cannot enter ${name}: it is off; use bin/lab on ${name}`);
      const enter = ['nsenter', `--target=${init}`, '--mount', '--pid', '--uts', '--ipc', '--net', '--'];
      const path = [dirname(await findProgram('ctr')), process.env.PATH].join(delimiter);
      const inside = command.length > 0 ? plain(command) : ['sh'];
      process.exitCode = await foreground([...enter, ...inside], { ...lab.mark, PATH: path });
    });

  program
    .command('kubectl')
    .description("kubectl as the lab's administrator")
    .argument('[args...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (args: readonly string[]) => {
      const lab = openLab();
      const kubectl = await findProgram('kubectl');
      process.exitCode = await foreground([kubectl, '--kubeconfig', lab.kubeconfig, ...args], lab.mark);
    });

  program
    .command('capture')
    .description('write the frames at client, router, lan or a node to a pcap file, until Ctrl-C')
    .argument('<where>')
    .argument('<file>')
    .argument('[filter...]', 'an expression of pcap-filter(7)')
    .action(async (where: string, file: string, filter: readonly string[]) => {
      const lab = openLab();
      process.exitCode = await foreground(captureCommand(lab, where, file, filter), lab.mark);
    });

  program
    .command('connect')
    .description('connect every few milliseconds from the client, one JSON line an attempt, until Ctrl-C')
    .argument('<address>')
    .argument('<port>')
    .option('--every <ms>', 'milliseconds between attempts', '10')
    .option('--timeout <ms>', 'when an attempt counts as failed', '1000')
    .action(async (address: string, port: string, options: { every: string; timeout: string }) => {
      const lab = openLab();
      const [everyMs, timeoutMs] = [Number(options.every), Number(options.timeout)];
      const command = connectCommand(lab, { address, port: Number(port), everyMs, timeoutMs });
      process.exitCode = await foreground(command, lab.mark);
    });
}

/** The command without the "--" that may stand before it. */
function plain(command: readonly string[]): readonly string[] {
  return command[0] === '--' ? command.slice(1) : command;
}
