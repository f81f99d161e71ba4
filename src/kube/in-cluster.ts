/** The access of a pod's own service account: files that kubelet keeps fresh. */
import { readFileSync } from 'node:fs';
import type { ClusterAccess } from './kube-config.ts';

const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** kubelet renews bound tokens at 80 % of their life (at least 2 min before the end); a minute is soon enough. */
const tokenReadEveryMs = 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether kubelet has told this process where the apiserver is. */
export function runsInCluster(environment: Environment): boolean {
  return Boolean(environment.KUBERNETES_SERVICE_HOST && environment.KUBERNETES_SERVICE_PORT);
}

/**
 * Access by the files of the pod's service account.
 *
 * @throws Error where a file can't be read.
 */
export function inClusterAccess(environment: Environment, directory = accountDirectory): ClusterAccess {
  const host = environment.KUBERNETES_SERVICE_HOST ?? '';
  const port = environment.KUBERNETES_SERVICE_PORT ?? '';
  const token = tokenFile(`${directory}/token`);
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    tls: { secure: { ca: readFileSync(`${directory}/ca.crt`) }, serverName: undefined, skipVerify: false },
    namespace: readFileSync(`${directory}/namespace`, 'utf8').trim(),
    authorization: token.read,
    forget: token.forget,
  };
}

/** A bearer token in a file that somebody else renews; read again once a minute, and after `forget`. */
export function tokenFile(
  path: string,
  monotonicMs: () => number = () => performance.now(),
): { read(): string; forget(): void } {
  let header: string | undefined;
  let readAt = 0;
  return {
    read() {
      if (header === undefined || monotonicMs() - readAt >= tokenReadEveryMs) {
        header = `Bearer ${readFileSync(path, 'utf8').trim()}`;
        readAt = monotonicMs();
      }
      return header;
    },
    forget() {
      header = undefined;
    },
  };
}
