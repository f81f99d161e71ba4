/** JSON calls to the apiserver: the one door that every role goes through. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../core/api/kubernetes.ts';
import { type ClusterAccess, loadKubeConfig } from './kube-config.ts';
import { errorFromAnswer, KubeError } from './kube-error.ts';
import { pathOf, type Resource } from './resources.ts';
import { type Call, openTransport, readText } from './transport.ts';

export type PatchType = 'strategic-merge' | 'merge' | 'json' | 'apply';

const contentTypes: Readonly<Record<PatchType, string>> = {
  'strategic-merge': 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Which object (no name: which collection). */
export interface Target {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly signal?: AbortSignal | undefined;
  /** For the whole call; 15 s. The apiserver is told to give up by then as well. */
  readonly timeoutMs?: number;
  readonly accept?: string;
}

export interface WriteOptions extends CallOptions {
  /** Owner in metadata.managedFields. */
  readonly fieldManager?: string;
}

export interface PatchOptions extends WriteOptions {
  readonly type: PatchType;
  /** With `apply`: take fields over from other managers. */
  readonly force?: boolean;
}

export interface KubeList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

/** Counts calls; see telemetry. */
export type CallObserver = (call: { method: string; status: number; seconds: number }) => void;

export interface KubeClient {
  readonly server: string;
  /** Namespace of the context or the pod. */
  readonly namespace: string | undefined;
  /** Any call that answers JSON (or nothing: then undefined). @throws KubeError */
  request<T>(
    method: Call['method'],
    path: string,
    options?: CallOptions & { body?: unknown; contentType?: string },
  ): Promise<T>;
  get<T extends KubeObject>(target: Target & { name: string }, options?: CallOptions): Promise<T>;
  /** One page; see list-watch.ts for whole lists. */
  list<T extends KubeObject>(target: Target, options?: CallOptions): Promise<KubeList<T>>;
  create<T extends KubeObject>(target: Target, object: KubeObject, options?: WriteOptions): Promise<T>;
  /** Replaces the object; give metadata.resourceVersion to be sure that it hasn't changed. */
  replace<T extends KubeObject>(
    target: Target & { name: string },
    object: KubeObject,
    options?: WriteOptions,
  ): Promise<T>;
  patch<T extends KubeObject>(target: Target & { name: string }, patch: unknown, options: PatchOptions): Promise<T>;
  delete(
    target: Target & { name: string },
    options?: WriteOptions & { preconditions?: { uid?: string; resourceVersion?: string } },
  ): Promise<void>;
  /** An answer that goes on: a watch. Its connection is its own. The caller destroys the answer. */
  stream(path: string, options: { query?: Query; signal?: AbortSignal; accept?: string }): Promise<IncomingMessage>;
  /** Resets all connections, so that nothing sent before can take effect any more. */
  sever(): void;
  close(): void;
}

const defaultTimeoutMs = 15_000;
const streamHeadersTimeoutMs = 30_000;
/** Longest wait that a Retry-After may ask of one call; above it the caller decides. */
const longestRetryAfterMs = 5_000;
const attemptsAfterThrottle = 3;

export interface ClientOptions {
  readonly userAgent?: string;
  readonly observe?: CallObserver;
  /** Idle connections kept; 64. */
  readonly connections?: number;
}

/** Opens a client on the cluster that `loadKubeConfig` found. */
export function openClient(access: ClusterAccess, options: ClientOptions = {}): KubeClient {
  const transport = openTransport(access, options.connections);
  const userAgent = options.userAgent ?? 'berth';

  async function headers(more: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const pending = access.authorization();
    const authorization = typeof pending === 'object' ? await pending : pending;
    return { 'user-agent': userAgent, ...more, ...(authorization !== undefined && { authorization }) };
  }

  async function once(call: Omit<Call, 'headers'>, more: Readonly<Record<string, string>>): Promise<string> {
    const startedAt = performance.now();
    let status = 0;
    try {
      const answer = await transport.send({ ...call, headers: await headers(more) });
      status = answer.statusCode ?? 0;
      const text = await readText(answer, call.timeoutMs);
      if (status < 200 || status > 299) {
        throw errorFromAnswer(`${call.method} ${call.path}`, status, text, answer.headers['retry-after']);
      }
      return text;
    } finally {
      options.observe?.({ method: call.method, status, seconds: (performance.now() - startedAt) / 1000 });
    }
  }

  async function text(call: Omit<Call, 'headers'>, more: Readonly<Record<string, string>>): Promise<string> {
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(call, more);
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (error.status === 401 && !renewed) {
          renewed = true;
          access.forget();
          continue;
        }
        const wait = error.status === 429 ? (error.retryAfterMs ?? 1000) : undefined;
        if (wait === undefined || wait > longestRetryAfterMs || attempt >= attemptsAfterThrottle) throw error;
        await sleep(wait + Math.random() * 250, undefined, call.signal ? { signal: call.signal } : {});
      }
    }
  }

  const client: KubeClient = {
    server: access.server.href,
    namespace: access.namespace,
    async request<T>(
      method: Call['method'],
      path: string,
      given: CallOptions & { body?: unknown; contentType?: string } = {},
    ): Promise<T> {
      const timeoutMs = given.timeoutMs ?? defaultTimeoutMs;
      // The apiserver drops the request by itself at this age: nothing of ours lingers there.
      const query: Query = { timeout: `${Math.ceil(timeoutMs / 1000)}s`, ...given.query };
      const body = given.body === undefined ? undefined : JSON.stringify(given.body);
      const answer = await text(
        { method, path: path + queryText(query), body, signal: given.signal, timeoutMs },
        {
          accept: given.accept ?? 'application/json',
          ...(body !== undefined && { 'content-type': given.contentType ?? 'application/json' }),
        },
      );
      return (answer === '' ? undefined : JSON.parse(answer)) as T;
    },
    get: (target, given) => client.request('GET', targetPath(target), given),
    list: (target, given) => client.request('GET', targetPath(target), given),
    create: (target, object, given = {}) =>
      client.request('POST', targetPath(target), { ...given, query: writeQuery(given), body: object }),
    replace: (target, object, given = {}) =>
      client.request('PUT', targetPath(target), { ...given, query: writeQuery(given), body: object }),
    patch: (target, patch, given) =>
      client.request('PATCH', targetPath(target), {
        ...given,
        query: { ...writeQuery(given), ...(given.force && { force: true }) },
        body: patch,
        contentType: contentTypes[given.type],
      }),
    async delete(target, given = {}) {
      const { preconditions, ...rest } = given;
      const body = preconditions && { kind: 'DeleteOptions', apiVersion: 'v1', preconditions };
      await client.request('DELETE', targetPath(target), { ...rest, ...(body && { body }) });
    },
    async stream(path, given) {
      const answer = await transport.send({
        method: 'GET',
        path: path + queryText(given.query ?? {}),
        headers: await headers({ accept: given.accept ?? 'application/json' }),
        signal: given.signal,
        timeoutMs: streamHeadersTimeoutMs,
        stream: true,
      });
      const status = answer.statusCode ?? 0;
      if (status === 200) return answer;
      if (status === 401) access.forget();
      const body = await readText(answer, defaultTimeoutMs);
      throw errorFromAnswer(`GET ${path} (watch)`, status, body, answer.headers['retry-after']);
    },
    sever: () => transport.sever(),
    close: () => transport.close(),
  };
  return client;
}

/** Finds the cluster and opens a client on it. */
export async function connectToCluster(
  choice: Parameters<typeof loadKubeConfig>[0] = {},
  options: ClientOptions = {},
): Promise<KubeClient> {
  return openClient(await loadKubeConfig(choice), options);
}

function targetPath(target: Target): string {
  return pathOf(target.resource, target.namespace, target.name, target.subresource);
}

function writeQuery(options: WriteOptions): Query {
  return { ...options.query, fieldManager: options.fieldManager };
}

function queryText(query: Query): string {
  let text = '';
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    text += `${text === '' ? '?' : '&'}${key}=${encodeURIComponent(String(value))}`;
  }
  return text;
}
