/**
 * Looks over a kustomize tree before it is built: everything that is missing,
 * remote, cyclic or outside of the tree, all in one go, where kustomize stops
 * at the first. It also finds the file and line that each object comes from,
 * which the built output no longer says.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { isJsonObject, type JsonObject, ownField } from '../../core/config/fields.ts';
import { type Location, type Manifest, type SourceProblem, withObject } from '../manifest.ts';
import { readYaml, type YamlDocument } from '../yaml/documents.ts';
import { manifestsOf } from '../yaml/manifests.ts';
import { isInside } from './files.ts';

export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

export interface KustomizeTree {
  readonly problems: readonly SourceProblem[];
  /** Every object written in a file that the tree reaches. */
  readonly written: readonly Manifest[];
  /** Files that the tree reaches. */
  readonly files: ReadonlySet<string>;
  /** Uses nothing but lists of resources: what it makes is what is written. */
  readonly plain: boolean;
}

/** The file of a folder's kustomization; undefined where it has none. */
export function kustomizationOf(folder: string): string | undefined {
  return KUSTOMIZATION_NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
}

/** Fields that name files or folders to take in. */
const LISTS = ['resources', 'bases', 'components', 'crds'] as const;
/** Fields that change nothing of what a plan reads, or that are carried out here. */
const HARMLESS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'bases',
  'crds',
  'images',
  'replicas',
  'commonAnnotations',
  'generatorOptions',
  'sortOptions',
  'buildMetadata',
  'secretGenerator',
  'configMapGenerator',
  'configurations',
  'openapi',
  'namespace',
  'labels',
  'commonLabels',
  'components',
]);

export interface LookOptions {
  /** What links and bases must not leave, such as the root of the repository. */
  readonly root: string;
}

/** Looks a folder over. */
export function lookOver(folder: string, { root }: LookOptions): KustomizeTree {
  const walk = new Walk(realpathSync(root), root);
  const made = walk.visit(folder, [realpathSync(folder)]);
  return { problems: walk.problems, written: made, files: walk.files, plain: walk.plain };
}

class Walk {
  readonly problems: SourceProblem[] = [];
  readonly files = new Set<string>();
  plain = true;
  readonly #realRoot: string;
  readonly #root: string;

  constructor(realRoot: string, root: string) {
    this.#realRoot = realRoot;
    this.#root = root;
  }

  visit(folder: string, way: readonly string[]): readonly Manifest[] {
    const file = kustomizationOf(folder);
    if (file === undefined) {
      const at = { file: folder, line: 0, column: 0 };
      this.#problem('no-kustomization', at, `${folder} has no kustomization.yaml; add one, or name another folder`);
      return [];
    }
    if (this.files.has(file)) return [];
    this.files.add(file);
    const { documents, faults } = readYaml(readFileSync(file, 'utf8'));
    for (const { line, column, message } of faults) {
      this.#problem('broken-yaml', { file, line, column }, `is no YAML: ${message}; correct the line`);
    }
    return documents.flatMap((document) =>
      isJsonObject(document.value) ? this.#entries(document.value, document, file, folder, way) : [],
    );
  }

  #entries(
    value: JsonObject,
    document: YamlDocument,
    file: string,
    folder: string,
    way: readonly string[],
  ): readonly Manifest[] {
    if (Object.keys(value).some((key) => !HARMLESS.has(key))) this.plain = false;
    const made: Manifest[] = [];
    for (const list of LISTS) {
      const entries = value[list];
      if (!Array.isArray(entries)) continue;
      for (const [index, entry] of entries.entries()) {
        if (typeof entry !== 'string') continue;
        made.push(...this.#take(entry, folder, () => ({ file, ...document.locate(`${list}[${index}]`) }), way));
      }
    }
    if (value.helmCharts !== undefined || value.helmChartInflationGenerator !== undefined) {
      const at: Location = { file, ...document.locate('helmCharts') };
      const message = `${file} renders a Helm chart, which kustomize does only with helm at hand; its Services are unknown here`;
      this.problems.push({ severity: 'note', rule: 'chart', at, message });
    }
    for (const path of patchFiles(value)) {
      const target = join(folder, path);
      if (existsSync(target)) this.files.add(target);
      else {
        const at = { file, line: 0, column: 0 };
        this.#problem(
          'missing-file',
          at,
          `${file} names patch ${path}, which does not exist; add it, or remove the entry`,
        );
      }
    }
    return made.map((manifest) => transformed(manifest, value));
  }

  #take(entry: string, folder: string, place: () => Location, way: readonly string[]): readonly Manifest[] {
    if (isRemote(entry)) {
      this.#problem(
        'remote-base',
        place(),
        `${entry} is a remote base, which needs the network; vendor it into the tree`,
      );
      return [];
    }
    const target = normalize(join(folder, entry));
    const stat = statSync(target, { throwIfNoEntry: false });
    if (stat === undefined) {
      this.#problem(
        'missing-base',
        place(),
        `${entry} does not exist (looked for ${target}); add it, or remove the entry`,
      );
      return [];
    }
    const real = realpathSync(target);
    if (!isInside(this.#realRoot, real)) {
      this.#problem('out-of-tree', place(), `${entry} leads out of ${this.#root}; move it into the tree`);
      return [];
    }
    if (!stat.isDirectory()) return this.#file(target);
    if (way.includes(real)) {
      this.#problem(
        'cycle',
        place(),
        `${entry} leads back to ${target}, which leads here: a cycle; remove one of the entries`,
      );
      return [];
    }
    return this.visit(target, [...way, real]);
  }

  #file(target: string): readonly Manifest[] {
    if (this.files.has(target)) return [];
    this.files.add(target);
    const content = manifestsOf(target, readFileSync(target, 'utf8'));
    this.problems.push(...content.problems);
    return content.manifests;
  }

  #problem(rule: string, at: Location, message: string): void {
    this.problems.push({ severity: 'error', rule, at, message });
  }
}

/** Namespace and labels, as kustomize puts them on what is below. */
function transformed(manifest: Manifest, kustomization: JsonObject): Manifest {
  const { namespace, commonLabels, labels } = kustomization;
  const pairs: Record<string, unknown> = {};
  const selecting: Record<string, unknown> = {};
  for (const each of Array.isArray(labels) ? labels : []) {
    if (!isJsonObject(each) || !isJsonObject(each.pairs)) continue;
    Object.assign(pairs, each.pairs);
    if (each.includeSelectors === true) Object.assign(selecting, each.pairs);
  }
  if (isJsonObject(commonLabels)) {
    Object.assign(pairs, commonLabels);
    Object.assign(selecting, commonLabels);
  }
  const named = typeof namespace === 'string' && namespace !== '' && manifest.kind !== 'Namespace';
  if (!named && Object.keys(pairs).length === 0) return manifest;
  const metadata = ownField(manifest.object, 'metadata');
  if (!isJsonObject(metadata)) return manifest;
  const own = ownField(metadata, 'labels');
  const spec = ownField(manifest.object, 'spec');
  const selector = ownField(spec, 'selector');
  const selects =
    manifest.kind === 'Service' && isJsonObject(spec) && isJsonObject(selector) && Object.keys(selecting).length > 0;
  return withObject(manifest, {
    ...manifest.object,
    metadata: {
      ...metadata,
      ...(named && { namespace }),
      ...(Object.keys(pairs).length > 0 && { labels: { ...(isJsonObject(own) ? own : {}), ...pairs } }),
    },
    ...(selects && { spec: { ...spec, selector: { ...selector, ...selecting } } }),
  });
}

/** A URL, or the short form `github.com/owner/repo//path?ref=x`. */
function isRemote(entry: string): boolean {
  return /^(?:https?|ssh|git|file):|^git@|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|io|net|dev)[/:]|\?ref=/.test(entry);
}

function patchFiles(value: JsonObject): readonly string[] {
  const texts: string[] = [];
  const lists = [
    value.patches,
    value.patchesStrategicMerge,
    value.patchesJson6902,
    value.transformers,
    value.replacements,
  ];
  for (const list of lists) {
    for (const each of Array.isArray(list) ? list : []) {
      const path: unknown = isJsonObject(each) ? each.path : each;
      if (typeof path === 'string' && !path.includes('\n') && /\.(?:ya?ml|json)$/.test(path) && !isRemote(path))
        texts.push(path);
    }
  }
  return texts;
}

/** Finds what each built object was made from. */
export class Origins {
  readonly #byKind = new Map<string, Manifest[]>();

  constructor(written: readonly Manifest[]) {
    for (const manifest of written) {
      const known = this.#byKind.get(manifest.kind);
      if (known === undefined) this.#byKind.set(manifest.kind, [manifest]);
      else known.push(manifest);
    }
  }

  /** By name and namespace, else by name, else by a name that a prefix or suffix was put to. */
  of({ kind, namespace, name }: Manifest): Manifest | undefined {
    const all = this.#byKind.get(kind) ?? [];
    const same = all.filter((each) => each.name === name);
    return (
      same.find((each) => each.namespace === namespace) ??
      same.find((each) => each.namespace === '') ??
      same[0] ??
      all
        .filter((each) => each.name !== '' && name.includes(each.name))
        .sort((a, b) => b.name.length - a.name.length)[0]
    );
  }
}

/** Built objects with the places that they were written at. */
export function withOrigins(
  built: readonly Manifest[],
  written: readonly Manifest[],
  folder: string,
): readonly Manifest[] {
  const origins = new Origins(written);
  const fallback: Location = { file: kustomizationOf(folder) ?? folder, line: 0, column: 0 };
  return built.map((manifest) => {
    const origin = origins.of(manifest);
    return { ...manifest, at: origin?.at ?? fallback, locate: (path) => origin?.locate(path) ?? fallback };
  });
}
