/** The whole webhook over a small cluster, for tests: what it caches and what is live may be told apart. */
import type { KubeObject, Service } from '../../../src/core/api/kubernetes.ts';
import { EMPTY_RAW_CONFIGURATION, type RawConfiguration } from '../../../src/core/config/raw-configuration.ts';
import type { AuditEntry } from '../../../src/webhook/audit/audit.ts';
import type { LiveReads } from '../../../src/webhook/live-reads.ts';
import { createWebhook, type WebhookOptions } from '../../../src/webhook/webhook.ts';
import { type Cluster, worldOf } from './world.ts';

export interface UnderTest {
  readonly app: ReturnType<typeof createWebhook>;
  readonly audit: AuditEntry[];
  readonly refused: string[];
  readonly overturned: string[];
  readonly warnings: string[];
  /** Live reads so far. */
  readonly reads: string[];
}

/**
 * @param cached What the webhook's cache has; undefined: it isn't complete yet.
 * @param live What the apiserver has; the same when left out.
 */
export function webhookUnderTest(
  cached: Partial<Cluster> | undefined,
  live: Partial<Cluster> | 'unreachable' = cached ?? {},
  more: Partial<WebhookOptions> = {},
): UnderTest {
  const [audit, refused, overturned, warnings, reads]: [AuditEntry[], string[], string[], string[], string[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  const world = cached && worldOf(cached);
  const app = createWebhook({
    view: {
      world: () => world,
      raw: () => ({ ...EMPTY_RAW_CONFIGURATION, ...cached?.raw }),
      clusterFamilies: () => ['IPv4', 'IPv6'],
    },
    reads: live === 'unreachable' ? unreachable(reads) : readsOf(live, reads),
    audit: { record: (entry) => void audit.push(entry) },
    metrics: {
      answered: () => undefined,
      refused: (_webhook, reason) => void refused.push(reason),
      overturned: (reason, why) => void overturned.push(`${reason} ${why}`),
    },
    log: { warn: (_values, message) => void warnings.push(message), error: (values) => console.error(values) },
    namespace: 'metallb-system',
    classRule: { own: undefined, assign: false },
    ...more,
  });
  return { app, audit, refused, overturned, warnings, reads };
}

function readsOf(live: Partial<Cluster>, reads: string[]): LiveReads {
  const raw: RawConfiguration = { ...EMPTY_RAW_CONFIGURATION, ...live.raw };
  const namespaces: Cluster['namespaces'] = { shop: {}, ...live.namespaces };
  const log = <T>(what: string, value: T): Promise<T> => {
    reads.push(what);
    return Promise.resolve(value);
  };
  return {
    service: (namespace, name) =>
      log(
        `service ${namespace}/${name}`,
        live.services?.find((each: Service) => each.metadata.namespace === namespace && each.metadata.name === name),
      ),
    namespaceLabels: (name) => log(`namespace ${name}`, namespaces[name]),
    poolGenerations: () =>
      log(
        'pools',
        new Map(raw.ipAddressPools.map(({ metadata }: KubeObject) => [metadata.name, metadata.generation ?? 0])),
      ),
    reservationExists: (name) =>
      log(
        `reservation ${name}`,
        raw.addressReservations.some(({ metadata }) => metadata.name === name),
      ),
    configuration: () => log('configuration', raw),
  };
}

function unreachable(reads: string[]): LiveReads {
  const fail = (): Promise<never> => {
    reads.push('failed');
    return Promise.reject(new Error('the apiserver does not answer'));
  };
  return { service: fail, namespaceLabels: fail, poolGenerations: fail, reservationExists: fail, configuration: fail };
}
