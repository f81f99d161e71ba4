/** An older tree of the repository, laid out in a folder of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The root of the repository that a file or folder lies in; undefined outside of one. */
export function repositoryOf(place: string): string | undefined {
  const folder = statSync(place, { throwIfNoEntry: false })?.isFile() ? dirname(place) : place;
  const { status, stdout } = spawnSync('git', ['-C', folder, 'rev-parse', '--show-toplevel'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Whether git knows this word as a commit here. */
export function isCommit(repository: string, word: string): boolean {
  return spawnSync('git', ['-C', repository, 'rev-parse', '--verify', '--quiet', `${word}^{commit}`]).status === 0;
}

/**
 * Lays a commit out, hands its folder to `work`, and removes it again.
 *
 * @throws Error where git can't give the tree.
 */
export function withTreeOf<T>(repository: string, commit: string, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'berth-plan-'));
  try {
    const archive = execFileSync('git', ['-C', repository, 'archive', '--format=tar', commit], {
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    execFileSync('tar', ['-x', '-f', '-', '-C', folder], { input: archive });
    return work(folder);
  } catch (cause) {
    if (cause instanceof Error && 'stderr' in cause) {
      throw new Error(`Cannot lay out ${commit} of ${repository}: ${String(cause.stderr).trim() || cause.message}`, {
        cause,
      });
    }
    throw cause;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
