/** Berth as users get it: the image's program, with the node settings of the shipped manifests. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { unpackBerth } from '../../image/berth-image.ts';
import { project } from '../ground.ts';

/** A program to run as a plain process. */
export interface Program {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

let unpacked: Promise<string> | undefined;

/** @param manifest of the workload, below kustomize/base, such as "controller/deployment.yaml". */
export async function shippedProgram(manifest: string): Promise<Program> {
  unpacked ??= unpack();
  const root = await unpacked;
  // Node is the checkout's own, the very file that the image carries: the image's libraries lie elsewhere here.
  const argv = [join(project, 'node_modules/.bin/node'), join(root, 'app/src/main.js')];
  return { argv, env: { NODE_ENV: 'production', NODE_OPTIONS: nodeOptions(manifest) } };
}

/** The image's file system in a folder that goes with this process. */
async function unpack(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-shipped-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'root');
  await unpackBerth(project, root);
  return root;
}

function nodeOptions(manifest: string): string {
  const workload = parse(readFileSync(join(project, 'kustomize/base', manifest), 'utf8'));
  const variables: readonly { name: string; value?: string }[] = workload.spec.template.spec.containers[0].env;
  const options = variables.find(({ name }) => name === 'NODE_OPTIONS')?.value;
  if (options === undefined)
    throw new Error(`${manifest} sets no NODE_OPTIONS: this benchmark would not start Berth as it ships`);
  return options;
}
