import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The programs that Kubernetes brings; all but kubectl are one file (see cluster/main.go). */
export type ClusterProgram =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'kubectl';

/** The programs that containerd brings. */
export type ContainerdProgram = 'containerd' | 'containerd-shim-runc-v2' | 'ctr';

/** Flux's controllers; built only where something asks for Flux. */
export type FluxProgram = 'source-controller' | 'kustomize-controller';

/** A program that the lab builds with Go when it isn't found. */
export type ProgramName = ClusterProgram | ContainerdProgram | FluxProgram;

/** How some programs are built with Go. */
export interface Recipe {
  readonly name: string;
  readonly version: string;
  /** The folder of its go.mod. */
  readonly source: string;
  readonly packages: readonly string[];
  readonly linkerFlags: string;
  readonly programs: readonly ProgramName[];
  /** The one file that is every program without a file of its own, told apart by the name it is called by. */
  readonly multiCall: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

const kubernetesVersion = 'v1.37.2';
const containerdVersion = 'v2.4.2';
const containerdModule = 'github.com/containerd/containerd/v2';

/** Kubernetes and etcd. */
export const clusterRecipe: Recipe = {
  name: 'cluster',
  version: kubernetesVersion,
  source: join(import.meta.dirname, 'cluster'),
  packages: ['.', './kubectl'],
  linkerFlags: `-s -w -X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  programs: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'],
  multiCall: 'cluster',
  env: {},
};

/** containerd; static, so that it needs no C compiler and runs beside any libc. */
export const containerdRecipe: Recipe = {
  name: 'containerd',
  version: containerdVersion,
  source: join(import.meta.dirname, 'containerd'),
  packages: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `${containerdModule}/cmd/${name}`),
  linkerFlags: `-s -w -X ${containerdModule}/version.Version=${containerdVersion}`,
  programs: ['containerd', 'containerd-shim-runc-v2', 'ctr'],
  multiCall: undefined,
  env: { CGO_ENABLED: '0' },
};

/**
 * A controller of Flux, with the very versions of its libraries that its own
 * go.mod names (ours is that one, with the controller itself as a requirement).
 */
function fluxRecipe(name: FluxProgram, version: string): Recipe {
  return {
    name,
    version,
    source: join(import.meta.dirname, name),
    packages: [`github.com/fluxcd/${name}`],
    linkerFlags: '-s -w',
    programs: [name],
    multiCall: undefined,
    env: { CGO_ENABLED: '0' },
  };
}

/** Flux's two controllers that bring a git repository into a cluster. */
export const fluxRecipes: readonly Recipe[] = [
  fluxRecipe('source-controller', 'v1.7.3'),
  fluxRecipe('kustomize-controller', 'v1.9.5'),
];

const recipes: readonly Recipe[] = [clusterRecipe, containerdRecipe, ...fluxRecipes];

/** The recipe that makes this program. */
export function recipeOf(program: ProgramName): Recipe {
  return recipes.find(({ programs }) => programs.includes(program))!;
}

/** `<name>-<version>-<hash of the sources>`: another go.mod or main gets another folder. */
export function folderName(recipe: Recipe): string {
  const hash = createHash('sha256').update(recipe.linkerFlags);
  for (const file of readdirSync(recipe.source, { encoding: 'utf8', recursive: true }).sort()) {
    if (/\.go$|^go\.(mod|sum)$/.test(file)) hash.update(file).update(readFileSync(join(recipe.source, file)));
  }
  return `${recipe.name}-${recipe.version}-${hash.digest('hex').slice(0, 12)}`;
}
