import { writeFileSync } from 'node:fs';
import type { IssuedCertificate } from './authority.ts';

/** Who speaks to which apiserver, and how it proves who it is. */
export interface Access {
  readonly url: string;
  /** PEM of the authority that signed the apiserver's certificate. */
  readonly authority: string;
  readonly user: string;
  readonly credential: IssuedCertificate | { readonly token: string };
}

/** A kubeconfig with everything inside it: it can be copied anywhere on this machine. */
export function renderKubeconfig(access: Access): string {
  const { credential } = access;
  const user =
    'token' in credential
      ? { token: credential.token }
      : { 'client-certificate-data': base64(credential.certificate), 'client-key-data': base64(credential.key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'lab', cluster: { server: access.url, 'certificate-authority-data': base64(access.authority) } },
    ],
    users: [{ name: access.user, user }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: access.user } }],
    'current-context': 'lab',
  };
  // JSON is YAML, and needs no rules for quoting.
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Writes a kubeconfig that only its owner can read. */
export function writeKubeconfig(file: string, access: Access): void {
  writeFileSync(file, renderKubeconfig(access), { mode: 0o600 });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
