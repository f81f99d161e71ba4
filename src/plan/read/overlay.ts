/** Builds by kustomize what isn't plain, in a folder that is removed afterwards. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, relative, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { isJsonObject, type JsonObject } from '../../core/config/fields.ts';
import type { Manifest, SourceProblem } from '../manifest.ts';
import { manifestsOf } from '../yaml/manifests.ts';
import { buildKustomization } from './kustomize.ts';
import { KUSTOMIZATION_NAMES, type KustomizeTree, withOrigins } from './kustomize-tree.ts';

export interface Built {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly SourceProblem[];
}

/** A tree as kustomize makes it; where entries are missing, without them. */
export function buildTree(folder: string, tree: KustomizeTree): Built {
  if (!tree.problems.some(({ severity }) => severity === 'error')) {
    return placed(buildKustomization(folder, '--load-restrictor', 'LoadRestrictionsNone'), tree.written, folder);
  }
  return inTemporaryFolder((temporary) => {
    for (const file of tree.files) copyWithoutMissing(file, join(temporary, escaped(file)), tree.files);
    const built = buildKustomization(join(temporary, escaped(folder)), '--load-restrictor', 'LoadRestrictionsNone');
    return placed(built, tree.written, folder);
  });
}

/** Objects with what only kustomize can put on top of them: patches, components, prefixes. */
export function buildOverlay(manifests: readonly Manifest[], overlay: JsonObject, folder: string): Built {
  return inTemporaryFolder((temporary) => {
    const texts = manifests.map(({ object }) => JSON.stringify(object));
    writeFileSync(join(temporary, 'all.yaml'), texts.join('\n---\n'));
    const { components, ...rest } = overlay;
    const found = Array.isArray(components)
      ? components.filter((each): each is string => typeof each === 'string')
      : [];
    const kustomization = {
      resources: ['all.yaml'],
      ...rest,
      ...(found.length > 0 && { components: found.map((each) => relative(temporary, resolve(folder, each))) }),
    };
    writeFileSync(join(temporary, 'kustomization.yaml'), JSON.stringify(kustomization));
    return placed(buildKustomization(temporary, '--load-restrictor', 'LoadRestrictionsNone'), manifests, folder);
  });
}

function placed(built: ReturnType<typeof buildKustomization>, written: readonly Manifest[], folder: string): Built {
  if ('problem' in built)
    return { manifests: [], problems: [{ ...built.problem, at: { file: folder, line: 0, column: 0 } }] };
  const { manifests, problems } = manifestsOf(folder, built.text);
  return { manifests: withOrigins(manifests, written, folder), problems };
}

function inTemporaryFolder(work: (folder: string) => Built): Built {
  const folder = mkdtempSync(join(tmpdir(), 'berth-plan-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same place below another root, however many levels up the file lies. */
function escaped(file: string): string {
  return resolve(file).slice(1);
}

function copyWithoutMissing(file: string, to: string, files: ReadonlySet<string>): void {
  mkdirSync(dirname(to), { recursive: true });
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (!KUSTOMIZATION_NAMES.includes(name)) {
    cpSync(file, to);
    return;
  }
  const value: unknown = parse(readFileSync(file, 'utf8'));
  if (!isJsonObject(value)) return;
  const folder = dirname(file);
  const there = (entry: unknown): boolean => {
    if (typeof entry !== 'string') return true;
    const target = normalize(join(folder, entry));
    return files.has(target) || KUSTOMIZATION_NAMES.some((each) => files.has(join(target, each)));
  };
  const kept = Object.entries(value).map(([key, each]) => {
    if (['resources', 'bases', 'components', 'crds', 'patchesStrategicMerge'].includes(key) && Array.isArray(each))
      return [key, each.filter(there)];
    if (['patches', 'patchesJson6902'].includes(key) && Array.isArray(each))
      return [key, each.filter((patch) => !isJsonObject(patch) || there(patch.path))];
    return [key, each];
  });
  // Generators read files that nothing else names.
  const {
    configMapGenerator: _maps,
    secretGenerator: _secrets,
    configurations: _settings,
    ...rest
  } = Object.fromEntries(kept);
  writeFileSync(to, stringify(rest));
}
