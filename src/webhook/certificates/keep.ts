/**
 * Keeps the webhook's certificates: makes them, renews them, serves them and
 * makes the apiserver trust them. Each replica of the controller runs this; the
 * Secret's resourceVersion decides who of two makes a new one, and the other
 * reads it.
 */
import { CERTIFICATES_FIELD_MANAGER } from '../../core/api/names.ts';
import type { Millis } from '../../core/time.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../kube/kube-error.ts';
import { secrets } from '../../kube/resources.ts';
import { injectBundle, missing } from './inject.ts';
import { inspect, notAfter, type StoredCertificates } from './inspect.ts';
import { type Plan, planRotation, type RotationPolicy, rotationPolicy } from './plan.ts';
import { type Mint, rotate } from './rotate.ts';
import { fromSecret, SECRET_NAME, type Secret, toSecret } from './secret.ts';
import type { ServingCertificate } from './serving.ts';
import { sleep } from './sleep.ts';

export interface CertificateLog {
  info(values: object, message: string): void;
  warn(values: object, message: string): void;
}

export interface KeeperOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace' | 'patch'>;
  readonly namespace: string;
  /** DNS names and addresses under which the apiserver calls. */
  readonly names: readonly string[];
  readonly serving: ServingCertificate;
  readonly log: CertificateLog;
  /** Where the apiserver reaches the webhook by URL; undefined: through its Service. */
  readonly url?: string | undefined;
  readonly now?: () => Millis;
  readonly policy?: RotationPolicy;
  /** How often the Secret and the configurations are looked at; 10 s. */
  readonly checkEveryMs?: number;
  readonly mint?: Mint;
}

const CHECK_EVERY_MS = 10_000;
const RETRY_AFTER_MS = 1_000;
const ATTEMPTS = 10;

export class CertificateKeeper {
  readonly #options: KeeperOptions;
  readonly #now: () => Millis;
  readonly #policy: RotationPolicy;
  #trusted = false;
  #fault: string | undefined;

  constructor(options: KeeperOptions) {
    // A URL writes an IPv6 address in brackets, a certificate without.
    this.#options = { ...options, names: options.names.map((name) => name.replace(/^\[(.*)\]$/, '$1')) };
    this.#now = options.now ?? Date.now;
    this.#policy = options.policy ?? rotationPolicy;
  }

  /** Undefined where a certificate is served and the apiserver trusts it; else what is missing, for `/readyz`. */
  get unready(): string | undefined {
    if (!this.#options.serving.pair) return this.#fault ?? 'the webhook has no certificate yet';
    return this.#trusted
      ? undefined
      : (this.#fault ?? 'the webhook configurations do not carry the certificate authority yet');
  }

  /** Works until `signal` is aborted. A failed call is logged and tried again; it never ends this. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let wait = this.#options.checkEveryMs ?? CHECK_EVERY_MS;
      try {
        await this.check(signal);
        if (!this.#trusted) wait = Math.min(wait, RETRY_AFTER_MS);
      } catch (error) {
        if (signal.aborted) return;
        this.#fault = `the webhook's certificates cannot be kept: ${error instanceof Error ? error.message : String(error)}`;
        this.#options.log.warn({ err: error }, 'cannot keep the webhook certificates; trying again');
        wait = Math.min(wait, RETRY_AFTER_MS);
      }
      await sleep(wait, signal);
    }
  }

  /** One look: rotates what is due, serves what is stored, repairs the configurations. */
  async check(signal: AbortSignal): Promise<void> {
    const stored = await this.#bringUpToDate(signal);
    const offer = this.#options.serving.offer(stored);
    if (offer === 'taken') {
      const end = notAfter(stored.certificate);
      this.#options.log.info({ notAfter: end && new Date(end).toISOString() }, 'serving a new webhook certificate');
    }
    if (offer === 'mismatched') this.#options.log.warn({}, 'the stored certificate and key do not belong together');
    const injections = await injectBundle(this.#options.client, stored.bundle, this.#options.url, signal);
    const absent = missing(injections);
    this.#trusted = absent === undefined;
    this.#fault = absent;
    for (const { resource, name, outcome } of injections) {
      if (outcome === 'patched')
        this.#options.log.info({ kind: resource.kind, name }, 'wrote the certificate authority');
    }
  }

  async #bringUpToDate(signal: AbortSignal): Promise<StoredCertificates> {
    const { names, mint } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const secret = await this.#read(signal);
      const stored = secret && fromSecret(secret);
      const now = this.#now();
      const plan = planRotation(stored && inspect(stored, names), {
        now,
        bundleTrusted: this.#trusted,
        policy: this.#policy,
      });
      if (plan.kind === 'keep' && stored) return stored;
      if (plan.kind === 'keep') throw new Error('Defect: an absent Secret is always planned as create');
      // The ASN.1 library is loaded only when something has to be made.
      const made = await rotate(plan, stored, names, now, this.#policy, mint ?? (await import('./authority.ts')));
      if (await this.#write(made, secret?.metadata.resourceVersion, plan, signal)) return made;
    }
    throw new Error(`Secret ${this.#options.namespace}/${SECRET_NAME} changed under each of ${ATTEMPTS} writes`);
  }

  async #read(signal: AbortSignal): Promise<Secret | undefined> {
    const { client, namespace } = this.#options;
    try {
      return await client.get<Secret>({ resource: secrets, namespace, name: SECRET_NAME }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** False where another replica was faster. */
  async #write(
    made: StoredCertificates,
    resourceVersion: string | undefined,
    plan: Plan,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client, namespace, log } = this.#options;
    const secret = toSecret(made, namespace, resourceVersion);
    const target = { resource: secrets, namespace };
    const options = { fieldManager: CERTIFICATES_FIELD_MANAGER, signal };
    try {
      if (resourceVersion === undefined) await client.create(target, secret, options);
      else await client.replace({ ...target, name: SECRET_NAME }, secret, options);
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false;
      throw error;
    }
    log.info({ name: SECRET_NAME, step: plan.kind }, 'wrote the webhook certificates');
    return true;
  }
}

/** What the webhook is called inside the cluster. */
export function serviceNames(service: string, namespace: string): string[] {
  return [
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
    `${service}.${namespace}`,
    service,
  ];
}
