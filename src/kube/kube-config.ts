/**
 * Where the apiserver is and how to prove who we are.
 *
 * In-cluster files and plain kubeconfigs are read here, since importing
 * @kubernetes/client-node costs 80 MB of memory; it is loaded only for what it
 * alone can do: exec plugins and auth providers.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { inClusterAccess, runsInCluster } from './in-cluster.ts';
import { accessFromKubeConfig, type KubeConfigFile, mergeKubeConfigs, readKubeConfig } from './kube-config-file.ts';

export interface TlsMaterial {
  readonly secure: Readonly<SecureContextOptions>;
  /** Name the certificate must carry; undefined: the host of the URL. */
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
}

export interface ClusterAccess {
  readonly server: URL;
  readonly tls: TlsMaterial;
  /** Namespace of the context or of the pod. */
  readonly namespace: string | undefined;
  /** Value of the Authorization header, fresh; undefined where the client certificate says it all. */
  authorization(): string | undefined | Promise<string | undefined>;
  /** Told after a 401: the next `authorization()` reads its source again. */
  forget(): void;
}

export interface KubeConfigChoice {
  /** A kubeconfig file; undefined: $KUBECONFIG, then the pod's own account, then ~/.kube/config. */
  readonly path?: string | undefined;
  /** Undefined: the file's current-context. */
  readonly context?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds the cluster, in kubectl's order: the given file, $KUBECONFIG (a list),
 * the service account of this pod, ~/.kube/config.
 *
 * @throws Error that names the file and the entry that is missing or malformed.
 */
export async function loadKubeConfig(choice: KubeConfigChoice = {}): Promise<ClusterAccess> {
  const environment = choice.environment ?? process.env;
  const given = choice.path === undefined ? environment.KUBECONFIG : choice.path;
  if (given !== undefined && given !== '') {
    const paths = choice.path === undefined ? given.split(':').filter((path) => path !== '') : [given];
    return accessOfFiles(paths, choice.context);
  }
  if (runsInCluster(environment)) return inClusterAccess(environment);
  return accessOfFiles([join(homedir(), '.kube', 'config')], choice.context);
}

async function accessOfFiles(paths: readonly string[], context: string | undefined): Promise<ClusterAccess> {
  const { parse } = await import('yaml');
  const files: KubeConfigFile[] = [];
  for (const path of paths) files.push(readKubeConfig(path, readFileSync(path, 'utf8'), parse));
  const merged = mergeKubeConfigs(files);
  const access = accessFromKubeConfig(merged, context);
  if (access !== 'needs-plugin') return access;
  const { accessFromPlugin } = await import('./kube-config-plugin.ts');
  return accessFromPlugin(paths, context);
}
