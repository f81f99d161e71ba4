import { Command } from 'commander';
import { Interrupted } from './cli/interruption.ts';
import { addVerbsOfGit } from './cli/verbs-of-git.ts';
import { addVerbsOfHarm } from './cli/verbs-of-harm.ts';
import { addVerbsOfLife } from './cli/verbs-of-life.ts';
import { addVerbsOfUse } from './cli/verbs-of-use.ts';
import { LabProblem } from './problem.ts';

/** The `bin/lab` command: all verbs act on the lab named by $LAB, "dev" when it isn't set. */
const program = new Command('lab')
  .description('a real Kubernetes cluster on this machine; LAB=name picks one (dev)')
  .enablePositionalOptions()
  .showHelpAfterError();
addVerbsOfLife(program);
addVerbsOfUse(program);
addVerbsOfGit(program);
addVerbsOfHarm(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Interrupted) {
    process.stderr.write(`lab: ${error.message}; nothing is left running\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof LabProblem) {
    process.stderr.write(`lab: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
