import { run } from '../lab/machine/run.ts';

/** The commit that a checkout is at. */
export interface Commit {
  readonly revision: string;
  readonly created: Date;
}

/**
 * @throws Error where the checkout differs from it: what is released must be
 *   what is tagged.
 */
export async function commitOf(checkout: string): Promise<Commit> {
  const git = (...args: readonly string[]) => run(['git', '-C', checkout, ...args]);
  const changed = (await git('status', '--porcelain')).trim();
  if (changed !== '') {
    throw new Error(`Cannot release from "${checkout}": it differs from its commit; commit or stash\n${changed}`);
  }
  const [revision, seconds] = (await git('log', '-1', '--format=%H %ct')).trim().split(' ');
  return { revision: revision!, created: new Date(Number(seconds) * 1000) };
}
