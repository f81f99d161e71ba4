/** The Secret in which both replicas keep the webhook's certificates. */
import type { KubeObject } from '../../core/api/kubernetes.ts';
import { WEBHOOK_CERTIFICATE_SECRET } from '../../core/api/names.ts';
import type { StoredCertificates } from './inspect.ts';

export const SECRET_NAME = WEBHOOK_CERTIFICATE_SECRET;

export interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Reads the certificates from the Secret; what is absent becomes empty text, which the plan then replaces. */
export function fromSecret(secret: Secret): StoredCertificates {
  const read = (key: string): string | undefined => {
    const text = secret.data?.[key];
    return text === undefined || text === '' ? undefined : Buffer.from(text, 'base64').toString('utf8');
  };
  return {
    bundle: read('ca.crt') ?? '',
    authorityKey: read('ca.key') ?? '',
    certificate: read('tls.crt') ?? '',
    key: read('tls.key') ?? '',
    nextAuthority: read('next-ca.crt'),
    nextAuthorityKey: read('next-ca.key'),
  };
}

/**
 * The Secret to write. With the `resourceVersion` of the Secret that was read the write is refused (409)
 * where the other replica was faster, and that replica's certificates are read instead.
 */
export function toSecret(stored: StoredCertificates, namespace: string, resourceVersion: string | undefined): Secret {
  const entries: [string, string | undefined][] = [
    ['ca.crt', stored.bundle],
    ['ca.key', stored.authorityKey],
    ['tls.crt', stored.certificate],
    ['tls.key', stored.key],
    ['next-ca.crt', stored.nextAuthority],
    ['next-ca.key', stored.nextAuthorityKey],
  ];
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: SECRET_NAME,
      namespace,
      labels: { app: 'metallb', component: 'controller' },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    type: 'kubernetes.io/tls',
    data: Object.fromEntries(
      entries.flatMap(([key, text]) =>
        text === undefined ? [] : [[key, Buffer.from(text, 'utf8').toString('base64')]],
      ),
    ),
  };
}
