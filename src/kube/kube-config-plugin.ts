/** Access through exec plugins and auth providers (OIDC), which @kubernetes/client-node knows how to run. */
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { ClusterAccess } from './kube-config.ts';

/**
 * Access as client-node resolves it. Tokens are asked for at each call (the
 * library keeps them until they expire); a client certificate that a plugin
 * gives is read once, at start.
 *
 * @throws Error where the plugin fails or the context isn't there.
 */
export async function accessFromPlugin(paths: readonly string[], context: string | undefined): Promise<ClusterAccess> {
  const config = new KubeConfig();
  const [first, ...others] = paths;
  config.loadFromFile(first ?? '');
  for (const path of others) {
    const more = new KubeConfig();
    more.loadFromFile(path);
    config.mergeConfig(more, true);
  }
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error(`${paths.join(':')}: context "${config.currentContext}" names no known cluster`);
  if (cluster.proxyUrl !== undefined) {
    throw new Error(
      `${paths.join(':')}: cluster "${cluster.name}": proxy-url is not supported; reach the apiserver directly`,
    );
  }
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key } = options;
  return {
    server: new URL(cluster.server),
    tls: {
      secure: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
      serverName: cluster.tlsServerName,
      skipVerify: cluster.skipTLSVerify,
    },
    namespace: config.getContextObject(config.currentContext)?.namespace,
    async authorization() {
      const fresh: RequestOptions = {};
      await config.applyToHTTPSOptions(fresh);
      const header = (fresh.headers as Record<string, string> | undefined)?.Authorization;
      return header ?? (fresh.auth ? `Basic ${Buffer.from(fresh.auth).toString('base64')}` : undefined);
    },
    forget: () => undefined,
  };
}
