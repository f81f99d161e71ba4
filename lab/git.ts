import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { assertRunning, startDaemon } from './machine/daemon.ts';
import { attempt, run } from './machine/run.ts';
import { waitFor } from './machine/wait.ts';
import { labData, noteProcess, processOf } from './state.ts';

const role = 'git-server';
const port = 3000;

/** Where pods and this machine find the repositories of a lab. */
export function gitUrl(lab: Lab, repository: string): string {
  return `http://${lab.plan.client.address.ipv4}:${port}/${repository}.git`;
}

/**
 * Serves git over smart HTTP from the lab's client, a machine outside the
 * cluster, for as long as the lab runs. Does nothing where it serves already.
 */
export async function serveGit(lab: Lab): Promise<void> {
  if (processOf(lab.name, role) !== undefined) return;
  const folder = repositoriesOf(lab);
  mkdirSync(folder, { recursive: true });
  const logFile = join(labData(lab.name), `${role}.log`);
  const main = join(import.meta.dirname, 'git/server-main.ts');
  const server = await startDaemon({
    command: lab.command('client', [process.execPath, main, lab.plan.client.address.ipv4, String(port), folder]),
    logFile,
    lifetime: 'detached',
    env: lab.mark,
  });
  noteProcess(lab.name, role, server);
  await waitFor(
    async () => {
      assertRunning(server, 'The git server', logFile);
      return (await attempt(['curl', '--silent', '--output', '/dev/null', gitUrl(lab, 'none')])).code === 0;
    },
    { what: 'the git server to answer', withinMs: 60_000 },
  );
}

/** Makes an empty repository that anybody in the lab may read and push to; returns its URL. */
export async function createRepository(lab: Lab, name: string): Promise<string> {
  const folder = join(repositoriesOf(lab), `${name}.git`);
  await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', folder]);
  await run(['git', '-C', folder, 'config', 'http.receivepack', 'true']);
  return gitUrl(lab, name);
}

function repositoriesOf(lab: Lab): string {
  return join(labData(lab.name), 'git');
}
