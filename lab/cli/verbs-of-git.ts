import type { Command } from 'commander';
import { followRepository, installFlux } from '../flux.ts';
import { createRepository, serveGit } from '../git.ts';
import { openLab } from '../lab.ts';
import { print } from './print.ts';

/** The verbs for a cluster that is run from git. */
export function addVerbsOfGit(program: Command): void {
  program
    .command('flux')
    .description("install Flux's source and kustomize controllers; the first time they are built, which takes minutes")
    .action(() => installFlux(openLab()));

  program
    .command('git')
    .description('serve an empty git repository to the cluster and to this machine; prints its URL')
    .argument('<name>')
    .action(async (name: string) => {
      const lab = openLab();
      await serveGit(lab);
      print(await createRepository(lab, name));
    });

  program
    .command('follow')
    .description('make Flux apply a folder of a git repository, as flux bootstrap does')
    .argument('<url>')
    .argument('<folder>', 'such as ./clusters/lab')
    .action((url: string, folder: string) => followRepository(openLab(), url, folder));
}
