/** The commands that a guide tells its reader to type. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findProgram } from '../../lab/binaries.ts';
import type { Lab } from '../../lab/lab.ts';
import { run } from '../../lab/machine/run.ts';

const project = resolve(import.meta.dirname, '../..');

/** Those of a guide, or of its part below one heading, in order. */
export function commandsOf(guide: string, heading?: string): readonly string[] {
  const text = readFileSync(resolve(project, guide), 'utf8');
  const part = heading === undefined ? text : partOf(text, heading);
  if (part === undefined) throw new Error(`${guide} has no heading "${heading}"`);
  return [...part.matchAll(/```console\n([^`]*)```/g)].flatMap(([, block]) =>
    block!
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.slice(2)),
  );
}

function partOf(text: string, heading: string): string | undefined {
  return text
    .split(/^## /m)
    .slice(1)
    .find((part) => part.startsWith(`${heading}\n`));
}

/** As somebody who has a name in git, and whose kubectl talks to the lab. @throws CommandFailed */
export async function type(lab: Lab, directory: string, command: string): Promise<string> {
  const who = { NAME: 'Platform team', EMAIL: 'platform@example.org' };
  const identity = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  const path = `${dirname(await findProgram('kubectl'))}:${process.env.PATH}`;
  const env = { ...lab.mark, ...Object.fromEntries(identity), KUBECONFIG: lab.kubeconfig, PATH: path };
  return run(['bash', '-euc', command], { directory, env });
}
