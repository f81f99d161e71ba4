import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { findProgram } from '../../lab/binaries.ts';
import { run } from '../../lab/machine/run.ts';

/** An object of a manifest: what every kind has, and the rest unread. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: each test reads the fields of the kind it picked.
  readonly [field: string]: any;
}

export const project = resolve(import.meta.dirname, '../..');
export const kustomizeFolder = join(project, 'kustomize');

/** The whole installs that are shipped: the folders of kustomize/overlays. */
export const overlays: readonly string[] = foldersOf('overlays');
/** What can be added to an install: the folders of kustomize/components. */
export const components: readonly string[] = foldersOf('components');

function foldersOf(kind: string): readonly string[] {
  const found = readdirSync(join(kustomizeFolder, kind), { withFileTypes: true });
  return found.filter((item) => item.isDirectory()).map((item) => item.name);
}

/**
 * What `kubectl kustomize` makes of a folder, in a network namespace without
 * any interface: whatever asks the network for something fails.
 *
 * @throws CommandFailed with kubectl's words where it doesn't build.
 */
export async function buildOffline(folder: string): Promise<string> {
  return run(['unshare', '--net', await findProgram('kubectl'), 'kustomize', folder]);
}

/** What somebody puts on top of a shipped install in a kustomization of their own. */
export interface Own {
  readonly namespace?: string;
  /** Names of folders in kustomize/components. */
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[];
  readonly patches?: unknown;
  /** Another such layer between the shipped install and this one. */
  readonly on?: Own;
}

/** Builds an install of somebody's own on a shipped folder, as kustomize/README.md shows it. */
export async function buildOn(shipped: string, own: Own): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-own-'));
  try {
    return await buildOffline(await writeLayer(folder, 'own', shipped, own));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeLayer(folder: string, name: string, shipped: string, { on, ...own }: Own): Promise<string> {
  const layer = join(folder, name);
  await mkdir(layer);
  const below = on ? await writeLayer(folder, `${name}-below`, shipped, on) : join(kustomizeFolder, shipped);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...own,
    resources: [relative(layer, below)],
    components: own.components?.map((component) => relative(layer, join(kustomizeFolder, 'components', component))),
  };
  await writeFile(join(layer, 'kustomization.yaml'), JSON.stringify(kustomization));
  return layer;
}

/** The objects of a YAML stream. */
export function manifestsOf(yaml: string): readonly Manifest[] {
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors.length > 0) throw new Error('not YAML', { cause: document.errors[0] });
    return document.toJS();
  });
}
