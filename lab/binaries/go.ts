import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../machine/run.ts';
import { LabProblem } from '../problem.ts';

/** From this version on, Go fetches the newer toolchain that a go.mod asks for by itself. */
const oldest = { major: 1, minor: 21 };
const remedy = 'install Go 1.26 or later (the one of Debian 12 is too old) and put it on PATH or in /usr/local/go';

/**
 * The `go` command of this machine: on PATH, else in Go's usual folder.
 *
 * @param purpose what it is to build, for the message.
 * @throws LabProblem that says what to install.
 */
export async function findGo(
  purpose: string,
  folders: readonly string[] = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/go/bin'],
): Promise<string> {
  const found = folders.map((folder) => join(folder, 'go')).find(isExecutable);
  if (found === undefined) throw new LabProblem(`Cannot build ${purpose}: Go is not installed; ${remedy}`);
  const said = await run([found, 'version']);
  const version = /go(\d+)\.(\d+)/.exec(said);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (!(major > oldest.major || (major === oldest.major && minor >= oldest.minor))) {
    throw new LabProblem(`Cannot build ${purpose}: ${found} is "${said.trim()}"; ${remedy}`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: the next folder is asked.
    return false;
  }
}
