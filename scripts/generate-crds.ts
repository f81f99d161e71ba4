/**
 * Writes the CustomResourceDefinitions from src/core/api into
 * kustomize/base/crds. With `--check` nothing is written and the exit code is
 * 1 where a file is stale, missing or left over.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ALL_KINDS } from '../src/core/api/all-kinds.ts';
import { customResourceDefinition } from '../src/core/api/custom-resource-definition.ts';

const folder = new URL('../kustomize/base/crds/', import.meta.url);
const HEADER = '# Made from src/core/api by scripts/generate-crds.ts; change that, and run `make generate`.\n';

/** File name to content of everything in the folder. */
function render(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const kind of ALL_KINDS) {
    files.set(`${kind.group}_${kind.plural}.yaml`, HEADER + toYaml(customResourceDefinition(kind)));
  }
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...files.keys()].sort(),
  };
  return files.set('kustomization.yaml', HEADER + toYaml(kustomization));
}

function toYaml(value: unknown): string {
  // Through JSON, so that TypeBox's symbols and undefined fields are gone.
  return stringify(JSON.parse(JSON.stringify(value)), { aliasDuplicateObjects: false, lineWidth: 120 });
}

function staleFiles(wanted: ReadonlyMap<string, string>): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const present = readdirSync(folder);
  const changed = [...wanted].filter(
    ([name, content]) => !present.includes(name) || readFileSync(new URL(name, folder), 'utf8') !== content,
  );
  return [...changed.map(([name]) => name), ...present.filter((name) => !wanted.has(name))];
}

const wanted = render();
const stale = staleFiles(wanted);
if (process.argv.includes('--check')) {
  for (const name of stale) console.error(`stale: ${fileURLToPath(new URL(name, folder))}; run \`make generate\``);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const name of stale) {
    const content = wanted.get(name);
    if (content === undefined) rmSync(new URL(name, folder));
    else writeFileSync(new URL(name, folder), content);
  }
  console.log(`crds: ${wanted.size} files, ${stale.length} changed`);
}
