/** Plays every scene with a real kubectl and writes down what it printed. */
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { waitFor } from '../../lab/machine/wait.ts';
import type { Service } from '../../src/core/api/kubernetes.ts';
import { ALLOCATED_CONDITION } from '../../src/core/api/names.ts';
import { services } from '../../src/kube/resources.ts';
import { type Ground, startGround } from './ground.ts';
import { chapters, type Scene } from './refusal-scenes.ts';
import { type Manifest, setTheStage } from './refusal-stage.ts';

const component = resolve(import.meta.dirname, '../../kustomize/components/namespace-label-privilege/policy.yaml');

export interface Played {
  readonly scene: Scene;
  readonly code: number | null;
  /** What kubectl printed: complaints and warnings, then the rest. */
  readonly said: string;
}

/** Starts a cluster, plays all scenes in their order and returns what came of each. */
export async function playAll(): Promise<readonly Played[]> {
  const ground = await startGround();
  try {
    await ground.startController();
    await setTheStage(ground);
    const developer = await prepareDeveloper(ground);
    const played: Played[] = [];
    for (const scene of chapters.flatMap(({ scenes }) => scenes)) {
      const args = scene.command ?? ['apply', '-f', '-'];
      const { code, stdout, stderr } = await ground.kubectl(args, {
        ...(scene.manifest ? { input: scene.manifest } : {}),
        ...(scene.asDeveloper ? { kubeconfig: developer } : {}),
      });
      played.push({ scene, code, said: asWithAFile(stderr + stdout, scene.manifest) });
      // The numbers of the scenes after it count the address that this one takes.
      if (code === 0 && scene.manifest?.kind === 'Service') await isDecided(ground, scene.manifest);
    }
    return played;
  } finally {
    await ground.stop();
  }
}

async function isDecided(ground: Ground, manifest: Manifest): Promise<void> {
  const { namespace, name } = (manifest as unknown as Service).metadata;
  await waitFor(
    async () => {
      const { status } = await ground.client.get<Service>({ resource: services, namespace, name });
      return status?.conditions?.some(({ type }) => type === ALLOCATED_CONDITION) ?? false;
    },
    { what: `Berth's word on Service ${namespace}/${name}`, withinMs: 60_000 },
  );
}

/** A user who may make and edit namespaces, and no more. */
async function prepareDeveloper(ground: Ground): Promise<string> {
  const kubeconfig = await ground.controlPlane.kubeconfigFor('dana');
  for (const args of [
    ['apply', '-f', component],
    ['create', 'clusterrole', 'namespace-editor', '--verb=create,get,update,patch', '--resource=namespaces'],
    ['create', 'clusterrolebinding', 'namespace-editor', '--clusterrole=namespace-editor', '--user=dana'],
  ]) {
    const { code, stderr } = await ground.kubectl(args);
    if (code !== 0) throw new Error(`Cannot run kubectl ${args.join(' ')}: ${stderr}`);
  }
  await policyIsInForce(ground, kubeconfig);
  return kubeconfig;
}

/** The apiserver takes a new admission policy up some moments after it was made. */
async function policyIsInForce(ground: Ground, kubeconfig: string): Promise<void> {
  const input = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'trial', labels: { 'berth.dev/pool': 'edge' } },
  };
  await waitFor(
    async () => {
      const { code } = await ground.kubectl(['create', '--dry-run=server', '-f', '-'], { input, kubeconfig });
      return code !== 0;
    },
    { what: 'the admission policy to be in force', withinMs: 60_000 },
  );
}

/** kubectl calls its standard input STDIN; an author applies a file. */
function asWithAFile(text: string, manifest: Manifest | undefined): string {
  return text.replaceAll('"STDIN"', `"${fileOf(manifest)}"`).trimEnd();
}

function fileOf(manifest: Manifest | undefined): string {
  return `${String(manifest?.kind).toLowerCase()}.yaml`;
}

/** The page of all scenes, in Markdown. */
export function refusalsPage(played: readonly Played[]): string {
  const lines = [
    '# What Berth refuses, as kubectl shows it',
    '',
    '<!-- Made by scripts/generate-refusals.ts from a real apiserver and a real kubectl; run `make generate`. -->',
    '',
    'Each refusal is one message. Its first line is enough alone: a word for programs, what was tried, what is in the',
    'way with its numbers, and what to do. Inside a Flux Kustomization the same message stands in the Ready condition.',
    'The word is also the reason of the condition `berth.dev/Allocated` and the label `reason` of',
    '`berth_admission_decisions_total`.',
    '',
  ];
  for (const { title, scenes } of chapters) {
    lines.push(`## ${title}`, '');
    for (const scene of scenes) {
      const found = played.find((one) => one.scene === scene);
      if (found) lines.push(sceneSection(scene, found.said), '');
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One scene of the page: its title, its story, what was typed and what came back. */
export function sceneSection(scene: Scene, said: string): string {
  const { title, story, manifest, command } = scene;
  const yaml = manifest ? ['```yaml', stringify(manifest, { lineWidth: 0 }).trimEnd(), '```', ''] : [];
  const typed = command ? command.map(quoted).join(' ') : `apply -f ${fileOf(manifest)}`;
  return [`### ${title}`, '', story, '', ...yaml, '```console', `$ kubectl ${typed}`, said, '```'].join('\n');
}

function quoted(word: string): string {
  return /^[\w./=:-]+$/.test(word) ? word : `'${word}'`;
}

export const PAGE = join(resolve(import.meta.dirname, '../..'), 'docs/refusals.md');
