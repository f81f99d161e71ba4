/** The git repository that the story's cluster is run from, and the hand that applies it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Ran, run } from './terminal.ts';

export interface Repository {
  /** Where the author writes. */
  readonly worktree: string;
  /** Adds a file or folder from this checkout. */
  copy(from: string, to: string): void;
  /** Writes files and commits them; `paths` are relative to the repository. */
  commit(message: string, files: Readonly<Record<string, string>>): Promise<string>;
  revert(message: string): Promise<void>;
  /** Pulls the newest commit into a clone, as a deployer would, and applies one folder of it. */
  deploy(folder: string, options?: { mayFail?: boolean; show?: boolean }): Promise<Ran>;
  remove(): void;
}

export async function createRepository(
  kubectl: (args: readonly string[], options: object) => Promise<Ran>,
): Promise<Repository> {
  const root = mkdtempSync(join(tmpdir(), 'berth-demo-'));
  const worktree = join(root, 'platform');
  const clone = join(root, 'deployed');
  const identity = ['-c', 'user.name=Platform team', '-c', 'user.email=platform@example.org'];
  const git = (cwd: string, ...args: string[]): Promise<Ran> =>
    run(['git', '-C', cwd, ...identity, ...args], { shown: '' });

  mkdirSync(worktree);
  await git(worktree, 'init', '--quiet', '--initial-branch=main');

  return {
    worktree,
    copy: (from, to) => cpSync(from, join(worktree, to), { recursive: true }),
    async commit(message, files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(worktree, path)), { recursive: true });
        writeFileSync(join(worktree, path), text);
      }
      await git(worktree, 'add', '--all');
      await git(worktree, 'commit', '--quiet', '-m', message);
      const { stdout } = await git(worktree, 'log', '-1', '--format=%h %s');
      console.log(`   git: ${stdout.trim()}`);
      return stdout.trim();
    },
    async revert(message) {
      await git(worktree, 'revert', '--no-edit', 'HEAD');
      await git(worktree, 'commit', '--quiet', '--amend', '-m', message);
      console.log(`   git: ${message}`);
    },
    async deploy(folder, options = {}) {
      rmSync(clone, { recursive: true, force: true });
      await run(['git', 'clone', '--quiet', '--depth=1', `file://${worktree}`, clone], { shown: '' });
      return kubectl(['apply', '-k', folder], { cwd: clone, shown: `kubectl apply -k ${folder}`, ...options });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
