/** Manifests and values from files, folders and standard input. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Location, Manifest, SourceProblem } from '../manifest.ts';
import { type Wish, wishesIn, wishesInValues } from '../wishes/wish.ts';
import { type FileContent, manifestsOf } from '../yaml/manifests.ts';

export interface ReadResult {
  readonly manifests: readonly Manifest[];
  readonly wishes: readonly Wish[];
  readonly problems: readonly SourceProblem[];
}

/** More than any repository has; a tree above it is a mistake, such as `-f /`. */
const MOST_FILES = 50_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** What one file has: objects, wishes in them and in values. */
export function contentOf(file: string, text: string): ReadResult {
  return resultOf(file, manifestsOf(file, text));
}

export function resultOf(file: string, { manifests, others, problems }: FileContent): ReadResult {
  const wishes = [
    ...manifests.flatMap(wishesIn),
    ...others.flatMap((document) =>
      wishesInValues(file, document.value, (path): Location => ({ file, ...document.locate(path) })),
    ),
  ];
  return { manifests, wishes, problems };
}

/** Reads what `-f` names, each file once; `-` is standard input. Every problem, not only the first. */
export function readFiles(names: readonly string[], standardInput: () => string): ReadResult {
  const problems: SourceProblem[] = [];
  const files = new Map<string, string>();
  for (const name of names) {
    if (name === '-') continue;
    for (const file of filesBelow(name, problems)) {
      const real = realpathSync(file);
      if (!files.has(real)) files.set(real, file);
    }
  }
  const parts: ReadResult[] = [];
  if (names.includes('-')) parts.push(contentOf('(standard input)', standardInput()));
  for (const file of [...files.values()].sort()) parts.push(contentOf(file, readFileSync(file, 'utf8')));
  return merged([...parts, { manifests: [], wishes: [], problems }]);
}

export function merged(parts: readonly ReadResult[]): ReadResult {
  return {
    manifests: parts.flatMap(({ manifests }) => manifests),
    wishes: parts.flatMap(({ wishes }) => wishes),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

export function isYaml(name: string): boolean {
  return /\.(?:ya?ml|json)$/.test(name);
}

/** A file itself, or every YAML and JSON file below a folder. Links out of the folder are a problem, and not followed. */
function filesBelow(name: string, problems: SourceProblem[]): readonly string[] {
  const problem = (file: string, rule: string, message: string): readonly string[] => {
    problems.push({ severity: 'error', rule, at: { file, line: 0, column: 0 }, message });
    return [];
  };
  const stat = statSync(name, { throwIfNoEntry: false });
  if (stat === undefined) return problem(name, 'missing-file', `${name} does not exist; correct the path`);
  if (stat.isFile()) return [name];
  const root = realpathSync(name);
  const found: string[] = [];
  let bytes = 0;
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) {
        if (!isYaml(entry.name)) continue;
        const target = statSync(path, { throwIfNoEntry: false });
        if (target === undefined) {
          problem(path, 'broken-link', `${path} is a link to nothing; remove it, or add what it points to`);
          continue;
        }
        if (!isInside(root, realpathSync(path))) {
          problem(path, 'link-out-of-tree', `${path} is a link out of ${name}; copy the file into the tree`);
          continue;
        }
        if (target.isFile()) found.push(path);
        continue;
      }
      if (entry.isDirectory()) visit(path);
      else if (isYaml(entry.name)) {
        bytes += statSync(path).size;
        found.push(path);
      }
      if (found.length > MOST_FILES || bytes > MOST_BYTES) {
        throw new Error(
          `Cannot read ${name}: it has more than ${MOST_FILES} files or ${MOST_BYTES >> 20} MiB of YAML; name a smaller folder`,
        );
      }
    }
  };
  visit(name);
  return found;
}

/** Whether a real path lies in a folder, or is it. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
