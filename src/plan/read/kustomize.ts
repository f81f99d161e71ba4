/** A kustomize folder, built by the user's own kubectl, so that it is what the user would apply. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { SourceProblem } from '../manifest.ts';
import { wishesIn } from '../wishes/wish.ts';
import { manifestsOf } from '../yaml/manifests.ts';
import type { ReadResult } from './files.ts';
import { kustomizationOf, lookOver, withOrigins } from './kustomize-tree.ts';

/** `kubectl`, or what the environment variable KUBECTL names. */
export function kubectlProgram(): string {
  return process.env.KUBECTL || 'kubectl';
}

/** Reads `-k DIR`. Problems of the tree come all at once; where there are any that stop kustomize, nothing is built. */
export function readKustomization(folder: string, root: string): ReadResult {
  const at = { file: folder, line: 0, column: 0 };
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory() || kustomizationOf(folder) === undefined) {
    const message = `${folder} is no folder with a kustomization.yaml; correct the path`;
    return { manifests: [], wishes: [], problems: [{ severity: 'error', rule: 'no-kustomization', at, message }] };
  }
  const tree = lookOver(folder, { root });
  if (tree.problems.some(({ severity }) => severity === 'error'))
    return { manifests: [], wishes: [], problems: tree.problems };
  const built = buildKustomization(folder);
  if ('problem' in built) return { manifests: [], wishes: [], problems: [...tree.problems, built.problem] };
  const { manifests, problems } = manifestsOf(folder, built.text);
  const placed = withOrigins(manifests, tree.written, folder);
  return { manifests: placed, wishes: placed.flatMap(wishesIn), problems: [...tree.problems, ...problems] };
}

/** @throws Error where there is no kubectl at all: nothing can be planned then. */
export function buildKustomization(
  folder: string,
  ...flags: string[]
): { readonly text: string } | { readonly problem: SourceProblem } {
  const program = kubectlProgram();
  const { status, stdout, stderr, error } = spawnSync(program, ['kustomize', folder, ...flags], {
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    timeout: 120_000,
  });
  if (error !== undefined) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing
      ? `there is no ${program}: install kubectl, or name it by the environment variable KUBECTL`
      : error.message;
    throw new Error(`Cannot build ${folder}: ${why}`, { cause: error });
  }
  if (status === 0) return { text: stdout };
  const said =
    stderr
      .trim()
      .replace(/^error: /, '')
      .split('\n')[0] ?? '';
  const at = { file: kustomizationOf(folder) ?? folder, line: 0, column: 0 };
  return { problem: { severity: 'error', rule: 'kustomize', at, message: `kustomize can't build it: ${said}` } };
}
