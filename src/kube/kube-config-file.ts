/** kubeconfig files (kubectl's `clientcmd` format), as far as files, tokens and client certificates go. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { tokenFile } from './in-cluster.ts';
import type { ClusterAccess } from './kube-config.ts';

interface Cluster {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

interface User {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly exec?: unknown;
  readonly 'auth-provider'?: unknown;
}

interface Context {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** One file, with paths made absolute against the folder it lies in. */
export interface KubeConfigFile {
  readonly path: string;
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly contexts: ReadonlyMap<string, Context>;
}

/**
 * Reads the text of one file.
 *
 * @throws Error that names the file where it isn't a kubeconfig.
 */
export function readKubeConfig(path: string, text: string, parseYaml: (text: string) => unknown): KubeConfigFile {
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch (cause) {
    throw new Error(`${path}: not YAML`, { cause });
  }
  if (typeof raw !== 'object' || raw === null) throw new Error(`${path}: not a kubeconfig: no mapping at the top`);
  const folder = dirname(resolve(path));
  const top = raw as Record<string, unknown>;
  const currentContext = top['current-context'];
  return {
    path,
    currentContext: typeof currentContext === 'string' && currentContext !== '' ? currentContext : undefined,
    clusters: named<Cluster>(path, top, 'clusters', 'cluster', (entry) =>
      absolute(entry, folder, ['certificate-authority']),
    ),
    users: named<User>(path, top, 'users', 'user', (entry) =>
      absolute(entry, folder, ['tokenFile', 'client-certificate', 'client-key']),
    ),
    contexts: named<Context>(path, top, 'contexts', 'context', (entry) => entry),
  };
}

function named<T>(
  path: string,
  top: Record<string, unknown>,
  list: string,
  key: string,
  finish: (entry: T) => T,
): Map<string, T> {
  const found = new Map<string, T>();
  const entries = top[list] ?? [];
  if (!Array.isArray(entries)) throw new Error(`${path}: ${list} is not a list`);
  for (const item of entries as Record<string, unknown>[]) {
    const name = item?.name;
    if (typeof name !== 'string') throw new Error(`${path}: an entry of ${list} has no name`);
    if (!found.has(name)) found.set(name, finish((item[key] ?? {}) as T));
  }
  return found;
}

function absolute<T>(entry: T, folder: string, keys: readonly (keyof T)[]): T {
  const copy = { ...entry };
  for (const key of keys) {
    const value = copy[key];
    if (typeof value === 'string') copy[key] = resolve(folder, value) as T[keyof T];
  }
  return copy;
}

/** kubectl's rule for $KUBECONFIG with several files: the first one to say something wins. */
export function mergeKubeConfigs(files: readonly KubeConfigFile[]): KubeConfigFile {
  return {
    path: files.map((file) => file.path).join(':'),
    currentContext: files.find((file) => file.currentContext !== undefined)?.currentContext,
    clusters: firstWins(files.map((file) => file.clusters)),
    users: firstWins(files.map((file) => file.users)),
    contexts: firstWins(files.map((file) => file.contexts)),
  };
}

function firstWins<T>(maps: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  const merged = new Map<string, T>();
  for (const map of maps.toReversed()) for (const [name, value] of map) merged.set(name, value);
  return merged;
}

/**
 * Access through one context, or `needs-plugin` where the user's entry asks
 * for a program, an auth provider or a proxy.
 *
 * @throws Error that names the missing or malformed entry.
 */
export function accessFromKubeConfig(file: KubeConfigFile, contextName?: string): ClusterAccess | 'needs-plugin' {
  const name = contextName ?? file.currentContext;
  if (name === undefined) throw new Error(`${file.path}: no current-context; name one with --context`);
  const context = file.contexts.get(name);
  if (context === undefined) throw new Error(`${file.path}: no context "${name}"`);
  const cluster = file.clusters.get(context.cluster ?? '');
  if (cluster === undefined)
    throw new Error(`${file.path}: context "${name}" names no known cluster: "${context.cluster}"`);
  const user = file.users.get(context.user ?? '') ?? {};
  if (user.exec !== undefined || user['auth-provider'] !== undefined || cluster['proxy-url'] !== undefined) {
    return 'needs-plugin';
  }
  const token = authorizationOf(user);
  return {
    server: serverOf(file, context.cluster ?? '', cluster),
    tls: {
      secure: {
        ...material('ca', cluster['certificate-authority-data'], cluster['certificate-authority']),
        ...material('cert', user['client-certificate-data'], user['client-certificate']),
        ...material('key', user['client-key-data'], user['client-key']),
      },
      serverName: cluster['tls-server-name'],
      skipVerify: cluster['insecure-skip-tls-verify'] === true,
    },
    namespace: context.namespace,
    authorization: token.read,
    forget: token.forget,
  };
}

function serverOf(file: KubeConfigFile, name: string, cluster: Cluster): URL {
  const url = URL.parse(cluster.server ?? '');
  if (url === null || url.protocol !== 'https:') {
    throw new Error(`${file.path}: cluster "${name}": server "${cluster.server ?? ''}" is not an https URL`);
  }
  return url;
}

function authorizationOf(user: User): { read(): string | undefined; forget(): void } {
  // kubectl: a token beats a token file, and both beat a password.
  if (user.token !== undefined) return fixed(`Bearer ${user.token}`);
  if (user.tokenFile !== undefined) return tokenFile(user.tokenFile);
  if (user.username !== undefined) {
    return fixed(`Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`);
  }
  return fixed(undefined);
}

function fixed(header: string | undefined): { read(): string | undefined; forget(): void } {
  return { read: () => header, forget: () => undefined };
}

function material<K extends string>(
  key: K,
  data: string | undefined,
  path: string | undefined,
): Partial<Record<K, Buffer>> {
  if (data !== undefined) return { [key]: Buffer.from(data, 'base64') } as Partial<Record<K, Buffer>>;
  if (path !== undefined) return { [key]: readFileSync(path) } as Partial<Record<K, Buffer>>;
  return {};
}
