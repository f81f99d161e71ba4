import type { Command } from 'commander';
import { startApiserver, stopApiserver } from '../hurt/apiserver.ts';
import { cutLink, healLink } from '../hurt/link.ts';
import { type Direction, dropPackets } from '../hurt/loss.ts';
import { healPartition, partitionLan } from '../hurt/partition.ts';
import { powerOffNode, powerOnNode } from '../hurt/power.ts';
import { killProcess, pauseProcess, resumeProcess } from '../hurt/process.ts';
import { relayPackets } from '../hurt/relay.ts';
import { type Lab, openLab } from '../lab.ts';
import { LabProblem } from '../problem.ts';
import { reportToStderr } from '../progress.ts';

/** The verbs that hurt a lab, and those that heal it. */
export function addVerbsOfHarm(program: Command): void {
  const simple = (verb: string, argument: string, description: string, act: (lab: Lab, name: string) => unknown) =>
    program
      .command(verb)
      .description(description)
      .argument(`<${argument}>`)
      .action(async (name: string) => {
        if ((await act(openLab(), name)) === false) reportToStderr(`${name}: nothing to do`);
      });
  simple('cut', 'node', "unplug a node's cable (client and router too)", cutLink);
  simple('heal', 'node', 'plug it in again, and end loss, delay and duplication on it', healLink);
  simple('off', 'node', "pull a node's plug", powerOffNode);
  simple('on', 'node', 'boot a node that is off', powerOnNode);
  const targets = 'etcd, kube-apiserver, …; NODE/kubelet, NODE/containerd, NODE/kube-proxy; pod/NAMESPACE/NAME';
  simple('pause', 'process', `stop a process in its tracks (${targets})`, pauseProcess);
  simple('resume', 'process', 'let a paused process go on', resumeProcess);
  simple('kill', 'process', 'kill a process; a node or a kubelet starts it again', killProcess);

  program
    .command('apiserver')
    .description('stop or start the apiserver')
    .argument('<stop|start>')
    .action(async (what: string) => {
      if (what !== 'stop' && what !== 'start') {
        throw new LabProblem(`Cannot "${what}" the apiserver: use bin/lab apiserver stop or bin/lab apiserver start`);
      }
      await (what === 'stop' ? stopApiserver : startApiserver)(openLab());
    });

  program
    .command('partition')
    .description('split the switch between groups of machines; without a group it is whole again')
    .argument('[group...]', 'names with commas between them, such as node-1,client node-2,node-3')
    .action((groups: readonly string[]) => {
      if (groups.length === 0) return healPartition(openLab());
      return partitionLan(
        openLab(),
        groups.map((group) => group.split(',')),
      );
    });

  program
    .command('drop')
    .description("lose packets on a node's cable; replaces an earlier loss there")
    .argument('<node>')
    .argument('<percent>')
    .option('--direction <to|from|both>', 'as the node sees it', 'both')
    .option('--matching <condition>', 'only what this condition of nft(8) matches, such as "ether type arp"')
    .action(async (node: string, percent: string, options: { direction: string; matching?: string }) => {
      const direction = directionOf(options.direction);
      const { matching } = options;
      await dropPackets(openLab(), node, {
        percent: Number(percent),
        direction,
        ...(matching === undefined ? {} : { matching }),
      });
    });

  program
    .command('delay')
    .description("delay, shuffle or duplicate packets on a node's cable; replaces an earlier delay there")
    .argument('<node>')
    .argument('<ms>')
    .option('--jitter <ms>', 'up to this much more for each packet', '0')
    .option('--duplicate <percent>', 'how many arrive twice', '0')
    .action(async (node: string, ms: string, options: { jitter: string; duplicate: string }) => {
      await relayPackets(openLab(), node, {
        delayMs: Number(ms),
        jitterMs: Number(options.jitter),
        duplicatePercent: Number(options.duplicate),
      });
    });
}

function directionOf(text: string): Direction {
  if (text === 'to' || text === 'from' || text === 'both') return text;
  throw new LabProblem(`Cannot drop packets in direction "${text}": use to, from or both`);
}
