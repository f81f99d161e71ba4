/** A fleet repository in a lab: the example of flux/ as a platform team would have copied it, run by real Flux. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BERTH_IMAGE } from '../../image/berth-image.ts';
import { labImage } from '../berth-image.ts';
import { followRepository } from '../flux.ts';
import { createRepository, gitUrl, serveGit } from '../git.ts';
import type { Lab } from '../lab.ts';
import { run } from '../machine/run.ts';
import { waitFor } from '../machine/wait.ts';
import { nameEverywhere } from '../node/images.ts';
import { LabProblem } from '../problem.ts';

const project = resolve(import.meta.dirname, '../..');
/** Generous: it only ends what went wrong. */
const withinMs = 180_000;

/** What Flux says of one Kustomization. */
export interface KustomizationStatus {
  readonly observedGeneration?: number;
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
}

export class Fleet {
  readonly #lab: Lab;
  /** Where its author writes. */
  readonly folder: string;
  /** Of the fleet repository, as the cluster and this machine reach it. */
  readonly url: string;

  private constructor(lab: Lab, folder: string, url: string) {
    this.#lab = lab;
    this.folder = folder;
    this.url = url;
  }

  /**
   * Serves two repositories, Berth's own with the release that the example
   * names, and an empty one for the fleet, and lets Flux follow the second.
   * Nothing is in the cluster yet.
   */
  static async open(lab: Lab): Promise<Fleet> {
    await serveGit(lab);
    const folder = mkdtempSync(join(tmpdir(), 'berth-fleet-'));
    const url = await createRepository(lab, 'fleet');
    const fleet = new Fleet(lab, join(folder, 'fleet'), url);
    await clone(await createRepository(lab, 'berth'), fleet.#berth);
    await fleet.release(exampleVersion(), (berth) => {
      for (const part of ['kustomize', 'flux']) cpSync(join(project, part), join(berth, part), { recursive: true });
    });
    await clone(url, fleet.folder);
    await followRepository(lab, url, './clusters/lab');
    return fleet;
  }

  /** A clone of Berth's repository, as those who release it have one. */
  get #berth(): string {
    return join(dirname(this.folder), 'berth');
  }

  /**
   * Releases a version of Berth: what is delivered, changed as told, behind its
   * tag, and its image on every node; returns the commit. Its program is that
   * of the checkout, whatever the version.
   */
  async release(version: string, change: (folder: string) => void): Promise<string> {
    await nameEverywhere(this.#lab, labImage, `${BERTH_IMAGE}:${version}`);
    change(this.#berth);
    const commit = await commitAndPush(this.#berth, `Version ${version}`);
    await git(this.#berth, 'tag', `v${version}`);
    await git(this.#berth, 'push', '--quiet', '--tags');
    return commit;
  }

  /** Writes files of the fleet repository; a value that is no text becomes JSON, which is YAML too. */
  write(files: Readonly<Record<string, unknown>>): void {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    }
  }

  /** The example of flux/, with what is this cluster's own as patches. */
  writeExample(): void {
    for (const part of ['cluster', 'config'])
      cpSync(join(project, 'flux', part), join(this.folder, 'berth', part), { recursive: true });
    this.write({ 'clusters/lab/kustomization.yaml': clusterOf(this.#lab) });
  }

  /** apps/: the example's Service, and a file for each of these besides. */
  writeApps(objects: Readonly<Record<string, object | string>>): void {
    rmSync(join(this.folder, 'apps'), { recursive: true, force: true });
    cpSync(join(project, 'flux/apps'), join(this.folder, 'apps/shop'), { recursive: true });
    const resources = ['shop', ...Object.keys(objects).map((name) => `${name}.yaml`)];
    this.write({
      'apps/kustomization.yaml': { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources },
      ...Object.fromEntries(Object.entries(objects).map(([name, object]) => [`apps/${name}.yaml`, object])),
    });
  }

  /** Commits, pushes, and tells Flux at once, as a forge's webhook would; returns the commit. */
  async push(message: string): Promise<string> {
    const commit = await commitAndPush(this.folder, message);
    await this.poke('gitrepository', 'flux-system');
    return commit;
  }

  /** Tells Flux at once of what was pushed by hand; returns the commit. */
  async pushed(): Promise<string> {
    await this.poke('gitrepository', 'flux-system');
    return git(this.folder, 'rev-parse', 'HEAD');
  }

  /** Takes the last commit back, as a new commit. */
  async revert(): Promise<string> {
    await git(this.folder, 'revert', '--no-edit', 'HEAD');
    await git(this.folder, 'push', '--quiet');
    return this.pushed();
  }

  /** Makes Flux look now instead of at its next interval. */
  async poke(kind: 'gitrepository' | 'kustomization', name: string): Promise<void> {
    const annotation = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
    await this.#lab.kubectl(['annotate', '--overwrite', '-n', 'flux-system', kind, name, annotation]);
  }

  async status(name: string): Promise<KustomizationStatus> {
    const said = await this.#lab.kubectl([
      ...['get', 'kustomization', name, '-n', 'flux-system', '--ignore-not-found', '-o', 'json'],
    ]);
    return said === '' ? {} : (JSON.parse(said).status ?? {});
  }

  /** Waits until a Kustomization has applied what its source had, and found everything healthy. */
  async ready(name: string): Promise<void> {
    await this.#until(name, 'be Ready', (status) => readyOf(status)?.status === 'True');
  }

  /** Waits until a Kustomization has applied this commit and found everything healthy. */
  async applied(name: string, commit: string): Promise<void> {
    await this.#until(
      name,
      `apply ${commit}`,
      (status) => status.lastAppliedRevision?.endsWith(commit) && readyOf(status)?.status === 'True',
    );
  }

  /** Waits until a Kustomization says that this commit can't be applied, and returns its words. */
  refused(name: string, commit: string): Promise<string> {
    return this.#until(name, `refuse ${commit}`, (status) => {
      const ready = readyOf(status);
      const refuses = status.lastAttemptedRevision?.endsWith(commit) && ready?.status === 'False';
      // Flux ends the words of a webhook with a line break.
      return refuses && ready.message.trimEnd();
    });
  }

  /** Waits until a look at a Kustomization's status gives something, and gives it. */
  #until<T>(name: string, what: string, look: (status: KustomizationStatus) => T | false | undefined): Promise<T> {
    let last: KustomizationStatus = {};
    return waitFor(
      async () => {
        last = await this.status(name);
        return look(last);
      },
      { what: `Kustomization ${name} to ${what}`, withinMs, everyMs: 200, hint: () => JSON.stringify(last) },
    );
  }

  close(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

function readyOf(status: KustomizationStatus) {
  return status.conditions?.find(({ type }) => type === 'Ready');
}

/** The version that the example has its cluster run. */
function exampleVersion(): string {
  const file = join(project, 'flux/cluster/berth.yaml');
  const version = /newTag: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1];
  if (version === undefined) throw new LabProblem(`Cannot find the version in ${file}: it has no newTag`);
  return version;
}

function clusterOf(lab: Lab): object {
  const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
  const [ipv4, ipv6] = [lab.plan.loadBalancers.ipv4, lab.plan.loadBalancers.ipv6].map((prefix) => prefix.split('/')[0]);
  const probes = ['startupProbe', 'readinessProbe'].map((probe) =>
    replace(`/spec/template/spec/containers/0/${probe}/periodSeconds`, 1),
  );
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['../../berth/cluster'],
    patches: [
      {
        target: { kind: 'GitRepository', name: 'berth' },
        patch: JSON.stringify([replace('/spec/url', gitUrl(lab, 'berth'))]),
      },
      {
        target: { kind: 'Kustomization', name: 'berth-controllers' },
        patch: JSON.stringify([
          replace('/spec/images/0/newName', BERTH_IMAGE),
          {
            op: 'add',
            path: '/spec/patches',
            value: [{ target: { labelSelector: 'app=metallb', group: 'apps' }, patch: JSON.stringify(probes) }],
          },
        ]),
      },
      {
        target: { kind: 'Kustomization', name: 'berth-config' },
        patch: JSON.stringify([
          replace('/spec/postBuild/substitute', { pool_ipv4: `${ipv4}/28`, pool_ipv6: `${ipv6}/124` }),
        ]),
      },
      {
        target: { kind: 'Kustomization' },
        patch: JSON.stringify([replace('/spec/retryInterval', '5s')]),
      },
    ],
  };
}

async function clone(url: string, folder: string): Promise<void> {
  await run(['git', 'clone', '--quiet', url, folder]);
  // A clone of an empty repository has whatever branch this machine's git begins with.
  await git(folder, 'checkout', '--quiet', '-B', 'main');
}

async function commitAndPush(folder: string, message: string): Promise<string> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', message);
  await git(folder, 'push', '--quiet', '--set-upstream', 'origin', 'main');
  return git(folder, 'rev-parse', 'HEAD');
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const identity = ['-c', 'user.name=Platform team', '-c', 'user.email=platform@example.org'];
  return (await run(['git', '-C', folder, ...identity, ...args])).trim();
}
