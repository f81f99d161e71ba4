/** The YAML examples of docs/kinds, as objects. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/core/api/kubernetes.ts';

const folder = new URL('../../docs/kinds/', import.meta.url);

export interface DocExample {
  readonly file: string;
  /** Line of the opening fence. */
  readonly line: number;
  readonly objects: readonly KubeObject[];
}

/** Names of the pages, without README.md. */
export function pages(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

/** Every fenced block marked `yaml`; several objects in one block belong together. */
export function examplesOf(file: string): readonly DocExample[] {
  const text = readFileSync(new URL(file, folder), 'utf8');
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((block) => ({
    file,
    line: text.slice(0, block.index).split('\n').length,
    objects: parseAllDocuments(block[1] ?? '').map((document) => document.toJS({ maxAliasCount: 0 }) as KubeObject),
  }));
}
