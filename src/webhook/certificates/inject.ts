/**
 * Tells the apiserver which authority signs the webhook's certificate: writes
 * `caBundle` into the webhook configurations and into the conversion of
 * BGPPeer, each time it isn't what it should be. It is never in git.
 *
 * The names of the webhooks must not change from release to release: with
 * server-side apply an entry that git drops stays as long as another manager
 * (this one) owns a field of it.
 */
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { CERTIFICATES_FIELD_MANAGER, WEBHOOK_CONFIGURATION } from '../../core/api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isNotFound } from '../../kube/kube-error.ts';
import {
  apiVersionOf,
  customResourceDefinitions,
  mutatingWebhookConfigurations,
  type Resource,
  validatingWebhookConfigurations,
} from '../../kube/resources.ts';

export type InjectionClient = Pick<KubeClient, 'get' | 'patch'>;

export interface ClientConfig {
  readonly caBundle?: string;
  readonly url?: string;
  readonly service?: { readonly path?: string };
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: ClientConfig }[];
}

interface Definition extends KubeObject {
  readonly spec?: {
    readonly conversion?: { readonly strategy?: string; readonly webhook?: { readonly clientConfig?: ClientConfig } };
  };
}

/** The definition whose versions are converted by this webhook. */
export const CONVERTED_DEFINITION = 'bgppeers.metallb.io';

export interface Injection {
  readonly resource: Resource;
  readonly name: string;
  /** `not-needed`: the definition converts without a webhook. */
  readonly outcome: 'current' | 'patched' | 'absent' | 'not-needed';
}

/**
 * Brings the bundle to everything that calls the webhook.
 *
 * @param url Where the webhook is reached by URL instead of through its Service (a controller outside the cluster).
 * @throws KubeError of the first call that failed for another reason than an absent object.
 */
export async function injectBundle(
  client: InjectionClient,
  bundle: string,
  url: string | undefined,
  signal: AbortSignal,
): Promise<readonly Injection[]> {
  const wanted: Wanted = { caBundle: Buffer.from(bundle, 'utf8').toString('base64'), url };
  return [
    await injectWebhooks(client, mutatingWebhookConfigurations, wanted, signal),
    await injectWebhooks(client, validatingWebhookConfigurations, wanted, signal),
    await injectConversion(client, wanted, signal),
  ];
}

/** What is missing for the apiserver to call the webhook; undefined where nothing is. */
export function missing(injections: readonly Injection[]): string | undefined {
  const absent = injections.find(({ outcome }) => outcome === 'absent');
  return absent && `${absent.resource.kind} ${absent.name} does not exist`;
}

interface Wanted {
  readonly caBundle: string;
  readonly url: string | undefined;
}

async function injectWebhooks(
  client: InjectionClient,
  resource: Resource,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Injection> {
  const name = WEBHOOK_CONFIGURATION;
  const found = await find<WebhookConfiguration>(client, resource, name, signal);
  if (!found) return { resource, name, outcome: 'absent' };
  const stale = (found.webhooks ?? []).filter(({ clientConfig }) => !isCurrent(clientConfig, wanted));
  if (stale.length === 0) return { resource, name, outcome: 'current' };
  // All entries are named, not only stale ones: what an apply leaves out, its manager gives up.
  await write(client, resource, name, wanted, signal, {
    webhooks: (found.webhooks ?? []).map((webhook) => ({
      name: webhook.name,
      clientConfig: clientConfigOf(webhook.clientConfig, wanted),
    })),
  });
  return { resource, name, outcome: 'patched' };
}

async function injectConversion(client: InjectionClient, wanted: Wanted, signal: AbortSignal): Promise<Injection> {
  const resource = customResourceDefinitions;
  const name = CONVERTED_DEFINITION;
  const found = await find<Definition>(client, resource, name, signal);
  if (!found) return { resource, name, outcome: 'absent' };
  const conversion = found.spec?.conversion;
  if (conversion?.strategy !== 'Webhook') return { resource, name, outcome: 'not-needed' };
  const clientConfig = conversion.webhook?.clientConfig;
  if (isCurrent(clientConfig, wanted)) return { resource, name, outcome: 'current' };
  await write(client, resource, name, wanted, signal, {
    spec: { conversion: { webhook: { clientConfig: clientConfigOf(clientConfig, wanted) } } },
  });
  return { resource, name, outcome: 'patched' };
}

function isCurrent(config: ClientConfig | undefined, wanted: Wanted): boolean {
  if (config?.caBundle !== wanted.caBundle) return false;
  return wanted.url === undefined || config.url === urlOf(config, wanted.url);
}

function clientConfigOf(config: ClientConfig | undefined, wanted: Wanted): object {
  if (wanted.url === undefined) return { caBundle: wanted.caBundle };
  return { caBundle: wanted.caBundle, url: urlOf(config, wanted.url), service: null };
}

/** The path stays as the manifests say it, whether they name a Service or an earlier run has put a URL there. */
function urlOf(config: ClientConfig | undefined, url: string): string {
  const path = config?.service?.path ?? (config?.url ? new URL(config.url).pathname : '');
  return new URL(path, url).href;
}

async function write(
  client: InjectionClient,
  resource: Resource,
  name: string,
  wanted: Wanted,
  signal: AbortSignal,
  fields: object,
): Promise<void> {
  const target = { resource, name };
  const fieldManager = CERTIFICATES_FIELD_MANAGER;
  if (wanted.url === undefined) {
    const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name }, ...fields };
    await client.patch(target, object, { type: 'apply', force: true, fieldManager, signal });
    return;
  }
  // Server-side apply can't take away the Service that another manager wrote beside the URL.
  const type = resource === customResourceDefinitions ? 'merge' : 'strategic-merge';
  await client.patch(target, fields, { type, fieldManager, signal });
}

async function find<T extends KubeObject>(
  client: InjectionClient,
  resource: Resource,
  name: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await client.get<T>({ resource, name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
