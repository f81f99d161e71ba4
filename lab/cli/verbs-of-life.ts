import type { Command } from 'commander';
import { installBerth, loadBerth } from '../berth.ts';
import { berthImage } from '../berth-image.ts';
import { labDown } from '../down.ts';
import { installFlux } from '../flux.ts';
import { infoOf } from '../info.ts';
import { openLab } from '../lab.ts';
import { labName } from '../name.ts';
import { importEverywhere } from '../node/images.ts';
import { LabProblem } from '../problem.ts';
import { reportToStderr, step } from '../progress.ts';
import { labUp } from '../up.ts';
import { interruption } from './interruption.ts';
import { print } from './print.ts';

/** The verbs that begin and end a lab, and tell what it is. */
export function addVerbsOfLife(program: Command): void {
  program
    .command('up')
    .description('start the lab, and install Berth in it from kustomize/overlays/lab')
    .option('--nodes <n>', 'how many nodes ($NODES, else 3)')
    .option('--without-berth', "only the cluster; Berth's image is on its nodes")
    .option('--flux', "Flux's source and kustomize controllers too; the first time they are built, which takes minutes")
    .action(async (options: { nodes?: string; withoutBerth?: boolean; flux?: boolean }) => {
      const started = performance.now();
      const signal = interruption();
      const nodes = wholeNumber(options.nodes ?? process.env.NODES ?? '3');
      const flux = options.flux ?? false;
      const lab = await labUp({ nodes, berth: true, flux, signal });
      if (flux || !options.withoutBerth) {
        try {
          if (flux) await installFlux(lab, reportToStderr, signal);
          if (!options.withoutBerth) await installBerth(lab, reportToStderr, signal);
        } catch (error) {
          // Where Berth doesn't start, the cluster stays, to be looked at; who interrupts wants nothing left.
          if (signal.aborted) await labDown(lab.name);
          throw error;
        }
      }
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      reportToStderr(`Lab "${lab.name}" is up after ${seconds} s; use it with:`);
      print(`export KUBECONFIG=${lab.kubeconfig}`);
    });

  program
    .command('down')
    .description('end the lab and leave nothing of it')
    .action(() => labDown(labName()));

  program
    .command('load')
    .description("rebuild Berth's image and roll it out in the running lab")
    .argument('[archive...]', 'OCI archives to import instead')
    .action(async (archives: readonly string[]) => {
      const lab = openLab();
      if (archives.length === 0) return loadBerth(lab);
      return step(reportToStderr, 'imported on every node', () => importEverywhere(lab, archives));
    });

  program
    .command('image')
    .description("build Berth's image and print its archive")
    .action(async () => print((await berthImage()).file));

  program
    .command('info')
    .description('addresses, names and files of the lab as JSON')
    .action(() => print(JSON.stringify(infoOf(openLab()), null, 2)));

  program
    .command('kubeconfig')
    .description("print the file of the administrator's kubeconfig")
    .action(() => print(openLab().kubeconfig));

  program
    .command('nodes')
    .description('print the names of the nodes')
    .action(() =>
      print(
        openLab()
          .plan.nodes.map((node) => node.name)
          .join('\n'),
      ),
    );
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new LabProblem(`Cannot start "${text}" nodes: use a whole number, such as NODES=3`);
}
