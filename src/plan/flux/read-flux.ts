/**
 * A Flux tree, followed as Flux does: each Kustomization's path is built, its
 * patches put on, its variables put in; what comes out may be more
 * Kustomizations, which parents thereby patch. What nothing reaches is said.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize, relative } from 'node:path';
import { ownField } from '../../core/config/fields.ts';
import { isConfigKind } from '../../core/config/kinds.ts';
import type { PlanInput } from '../forecast/forecast.ts';
import { type Location, type Manifest, type SourceProblem, withObject } from '../manifest.ts';
import { isYaml, type ReadResult } from '../read/files.ts';
import { kustomizationOf, lookOver } from '../read/kustomize-tree.ts';
import { buildOverlay, buildTree } from '../read/overlay.ts';
import { wishesIn } from '../wishes/wish.ts';
import { manifestsOf } from '../yaml/manifests.ts';
import { type FluxKustomization, isFluxKustomization, readKustomizationObject, textsOf } from './kustomization.ts';
import { substitute, type Variables } from './substitute.ts';

export interface FluxTree extends ReadResult {
  /** Whether git itself says that configuration is applied before this manifest. */
  readonly comesAfterConfiguration: NonNullable<PlanInput['comesAfterConfiguration']>;
}

/** @param folder Where Flux begins, such as `clusters/prod`. @param root The root of the repository. */
export function readFlux(folder: string, root: string): FluxTree {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const at = { file: folder, line: 0, column: 0 };
    const message = `${folder} is no folder; name the one that Flux begins with, such as clusters/prod`;
    const problems: SourceProblem[] = [{ severity: 'error', rule: 'missing-file', at, message }];
    return { manifests: [], wishes: [], problems, comesAfterConfiguration: () => false };
  }
  const walk = new FluxWalk(root);
  walk.follow(folder);
  walk.checkDependencies();
  walk.tellUnreached(folder);
  const { manifests, problems } = walk;
  return {
    manifests,
    wishes: manifests.flatMap(wishesIn),
    problems,
    comesAfterConfiguration: (manifest) => walk.comesAfterConfiguration(manifest),
  };
}

class FluxWalk {
  readonly manifests: Manifest[] = [];
  readonly problems: SourceProblem[] = [];
  readonly #root: string;
  readonly #files = new Set<string>();
  readonly #known = new Map<string, FluxKustomization>();
  /** Sources by `Kind namespace/name`, with their URLs. */
  readonly #sources = new Map<string, string>();
  readonly #maps = new Map<string, Readonly<Record<string, string>>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Level by level: a ConfigMap of variables may come with any Kustomization, and is there before it is needed. */
  follow(folder: string): void {
    const begin: FluxKustomization = {
      key: '',
      manifest: undefined,
      path: relative(this.#root, folder) || '.',
      source: '',
      dependsOn: [],
      targetNamespace: undefined,
      overlay: {},
      substitute: {},
      substituteFrom: [],
      substitutes: false,
      suspended: false,
    };
    let level: FluxKustomization[] = [begin];
    while (level.length > 0) {
      const built = level.map((each) => ({ each, manifests: this.#build(each) }));
      for (const { manifests } of built) this.#note(manifests);
      level = built.flatMap(({ each, manifests }) => this.#take(each, manifests));
    }
  }

  #note(manifests: readonly Manifest[]): void {
    for (const { kind, apiVersion, namespace, name, object } of manifests) {
      if (kind === 'ConfigMap')
        this.#maps.set(`${namespace || 'flux-system'}/${name}`, textsOf(ownField(object, 'data')));
      if (!apiVersion.startsWith('source.toolkit.fluxcd.io/')) continue;
      const url = ownField(ownField(object, 'spec'), 'url');
      this.#sources.set(`${kind} ${namespace || 'flux-system'}/${name}`, typeof url === 'string' ? url : '');
    }
  }

  /** Takes the objects over; gives the Kustomizations among them. */
  #take(parent: FluxKustomization, built: readonly Manifest[]): FluxKustomization[] {
    const children: FluxKustomization[] = [];
    for (const manifest of this.#substituted(parent, built)) {
      const own = { ...manifest, appliedBy: parent.key || undefined };
      if (!isFluxKustomization(manifest)) {
        this.manifests.push(own);
        continue;
      }
      const child = readKustomizationObject(manifest);
      if (this.#known.has(child.key)) continue;
      this.#known.set(child.key, child);
      children.push(child);
    }
    return children;
  }

  #build(one: FluxKustomization): readonly Manifest[] {
    const { manifest, path, overlay, targetNamespace } = one;
    const at = manifest?.locate('spec.path') ?? { file: join(this.#root, path), line: 0, column: 0 };
    const note = (rule: string, message: string, severity: SourceProblem['severity'] = 'note'): readonly Manifest[] => {
      this.problems.push({ severity, rule, at, message });
      return [];
    };
    if (one.suspended)
      return note('suspended', `Kustomization ${one.key} is suspended: what it would apply is left out`);
    const elsewhere = this.#isElsewhere(one);
    if (elsewhere !== undefined)
      return note(
        'other-repository',
        `Kustomization ${one.key} applies ${path} of ${elsewhere}, which is not this repository; what it brings is unknown here`,
      );
    const folder = this.#folderOf(path);
    if (folder === undefined)
      return note(
        'missing-path',
        `Kustomization ${one.key} applies ${path}, which does not exist; correct spec.path`,
        'error',
      );
    const built = this.#buildFolder(folder);
    const more = { ...overlay, ...(targetNamespace !== undefined && { namespace: targetNamespace }) };
    if (Object.keys(overlay).length > 0) {
      const { manifests, problems } = buildOverlay(built, more, folder);
      this.problems.push(...problems);
      return problems.length === 0 ? manifests : built;
    }
    return targetNamespace === undefined ? built : built.map((each) => inNamespace(each, targetNamespace));
  }

  /** As Flux does: a folder without a kustomization takes in all its files, and each folder below as it is. */
  #buildFolder(folder: string): readonly Manifest[] {
    if (kustomizationOf(folder) === undefined) {
      return readdirSync(folder, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
          const path = join(folder, entry.name);
          if (entry.name.startsWith('.')) return [];
          if (entry.isDirectory()) return this.#buildFolder(path);
          return entry.isFile() && isYaml(entry.name) ? this.#readFile(path) : [];
        });
    }
    const tree = lookOver(folder, { root: this.#root });
    for (const file of tree.files) this.#files.add(file);
    this.problems.push(...tree.problems);
    if (tree.plain) return tree.written;
    const { manifests, problems } = buildTree(folder, tree);
    this.problems.push(...problems);
    return manifests;
  }

  #readFile(file: string): readonly Manifest[] {
    this.#files.add(file);
    const { manifests, problems } = manifestsOf(file, readFileSync(file, 'utf8'));
    this.problems.push(...problems);
    return manifests;
  }

  /** The URL or name of a source that is another repository than this one; undefined for this one. */
  #isElsewhere({ manifest, source }: FluxKustomization): string | undefined {
    if (manifest === undefined) return undefined;
    if (!source.startsWith('GitRepository ')) return source;
    const url = this.#sources.get(source);
    const home = this.#sources.get('GitRepository flux-system/flux-system');
    return url !== undefined && home !== undefined && url !== home ? url : undefined;
  }

  /** A path is meant from the root of the repository. */
  #folderOf(path: string): string | undefined {
    const folder = normalize(join(this.#root, path));
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
  }

  #substituted(parent: FluxKustomization, built: readonly Manifest[]): readonly Manifest[] {
    if (!parent.substitutes) return built;
    const variables = this.#variablesOf(parent);
    return built.map((manifest) => {
      if (isExempt(manifest)) return manifest;
      const { object, undefined: missing } = substitute(manifest.object, variables);
      for (const { name, path } of missing) this.#tellUndefined(manifest, name, path);
      return withObject(manifest, object);
    });
  }

  #tellUndefined(manifest: Manifest, name: string, path: string): void {
    const { kind } = manifest;
    if (kind !== 'Service' && !isConfigKind(kind) && !/loadBalancer|metallb|address/i.test(path)) return;
    const effect = /loadBalancerIP/i.test(path)
      ? ', so the address that was meant to be pinned becomes an automatic one'
      : '';
    const message = `${kind} ${manifest.name}: variable ${name} is defined nowhere, and an empty text takes its place in ${path}${effect}; define it, or write a default as \${${name}:=value}`;
    this.problems.push({ severity: 'warning', rule: 'undefined-variable', at: manifest.locate(path), message });
  }

  #variablesOf({ key, substitute: own, substituteFrom }: FluxKustomization): Variables {
    const namespace = key.slice(0, key.indexOf('/'));
    const values = new Map<string, string>();
    const missing: string[] = [];
    for (const { kind, name, optional } of substituteFrom) {
      const found = kind === 'ConfigMap' ? this.#maps.get(`${namespace}/${name}`) : undefined;
      if (found !== undefined) for (const [variable, value] of Object.entries(found)) values.set(variable, value);
      else if (!optional || kind === 'Secret') missing.push(`${kind} ${namespace}/${name}`);
    }
    for (const [variable, value] of Object.entries(own)) values.set(variable, value);
    return { values, elsewhere: missing.length > 0 ? missing.join(', ') : undefined };
  }

  /** Whoever waits for a Kustomization that isn't there, or for itself, is never applied. */
  checkDependencies(): void {
    for (const one of this.#known.values()) {
      for (const [index, name] of one.dependsOn.entries()) {
        const at = one.manifest?.locate(`spec.dependsOn[${index}]`) ?? { file: this.#root, line: 0, column: 0 };
        if (!this.#known.has(name)) {
          const message = `Kustomization ${one.key} depends on ${name}, which nothing applies: it waits for ever; correct the name`;
          this.problems.push({ severity: 'warning', rule: 'absent-dependency', at, message });
        } else if (this.#needs(name).has(one.key)) {
          const message = `Kustomization ${one.key} and ${name} depend on each other: neither is ever applied; remove one of the two`;
          this.problems.push({ severity: 'error', rule: 'cycle', at, message });
        }
      }
    }
  }

  /** All that must be ready before a Kustomization is applied. */
  #needs(key: string, found = new Set<string>()): ReadonlySet<string> {
    for (const name of this.#known.get(key)?.dependsOn ?? []) {
      if (found.has(name)) continue;
      found.add(name);
      this.#needs(name, found);
    }
    return found;
  }

  comesAfterConfiguration({ appliedBy }: Manifest): boolean {
    if (appliedBy === undefined) return false;
    const first = this.#needs(appliedBy);
    const places = new Set(this.manifests.filter(({ kind }) => isConfigKind(kind)).map((each) => each.appliedBy ?? ''));
    return [...places].every((place) => first.has(place));
  }

  /** Files with pools or load balancers that nothing applies: a commented line, a forgotten entry, another cluster. */
  tellUnreached(folder: string): void {
    const found = filesBelow(this.#root)
      .filter((file) => !this.#files.has(file) && asksForSomething(file))
      .sort();
    if (found.length === 0) return;
    const at: Location = { file: folder, line: 0, column: 0 };
    const shown = found.slice(0, 20).map((file) => `\n- ${file}`);
    const rest = found.length > shown.length ? `\n- and ${found.length - shown.length} more` : '';
    const message = `${found.length} ${found.length === 1 ? 'file' : 'files'} with pools or load balancers ${found.length === 1 ? 'is' : 'are'} reached by nothing from ${folder}, and left out here:${shown.join('')}${rest}`;
    this.problems.push({ severity: 'note', rule: 'unreached', at, message });
  }
}

function isExempt({ object }: Manifest): boolean {
  const metadata = ownField(object, 'metadata');
  const key = 'kustomize.toolkit.fluxcd.io/substitute';
  return (
    ownField(ownField(metadata, 'annotations'), key) === 'disabled' ||
    ownField(ownField(metadata, 'labels'), key) === 'disabled'
  );
}

const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
]);

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  if (CLUSTER_SCOPED.has(manifest.kind)) return manifest;
  const metadata = ownField(manifest.object, 'metadata');
  return withObject(manifest, { ...manifest.object, metadata: { ...(metadata as object), namespace } });
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() && isYaml(entry.name) ? [path] : [];
  });
}

/** Cheap, and good enough for a note: the words that such files have. */
function asksForSomething(file: string): boolean {
  if (statSync(file).size > 1 << 20) return false;
  return /^kind: IPAddressPool|type: "?LoadBalancer|loadBalancerIPs?: *\S|(?:metallb\.io|metallb\.universe\.tf)\/(?:address-pool|loadBalancerIPs)/m.test(
    readFileSync(file, 'utf8'),
  );
}

/** The nearest folder above that has most of the paths which the Kustomizations name: the root that they are meant from. */
export function rootOfTree(folder: string, fallback: string): string {
  const paths = filesBelow(folder).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ {2}path: *"?\.?\/?([^\s"#]+)/gm)].map(([, path]) => path ?? ''),
  );
  if (paths.length === 0) return fallback;
  let [best, most] = [fallback, 0];
  for (let up = folder, levels = 0; levels < 8; up = join(up, '..'), levels += 1) {
    const here = paths.filter((path) => existsSync(join(up, path))).length;
    if (here > most) [best, most] = [up, here];
  }
  return best;
}
