import { mkdirSync, writeFileSync } from 'node:fs';
import { auditPolicy } from './audit.ts';
import { type Authority, newSigningKeyPair, openAuthority } from './authority.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { Layout } from './layout.ts';
import { type ControlPlaneSettings, urlOf } from './settings.ts';

/** Writes everything that the programs read: certificates, keys, tokens, policies, kubeconfigs, the settings. */
export async function writeFiles(layout: Layout, settings: ControlPlaneSettings): Promise<void> {
  mkdirSync(layout.directory, { recursive: true, mode: 0o700 });
  const authority = await openAuthority(layout.directory);
  const signing = await newSigningKeyPair();
  writeSecret(layout.serviceAccountKey, signing.privateKey);
  writeFileSync(layout.serviceAccountPublicKey, signing.publicKey);
  // token,user,uid,"groups": kube-apiserver's static token file.
  writeSecret(layout.tokens, `${settings.adminToken},admin,admin,"system:masters"\n`);
  writeFileSync(layout.auditPolicy, JSON.stringify(auditPolicy));
  await writeServerCertificates(layout, settings, authority);
  writeKubeconfig(layout.kubeconfig, {
    url: urlOf(settings),
    authority: authority.certificate,
    user: 'admin',
    credential: { token: settings.adminToken },
  });
  for (const user of ['system:kube-controller-manager', 'system:kube-scheduler']) {
    await writeUserKubeconfig(layout, settings, authority, { user, groups: [] });
  }
  writeFileSync(layout.settings, JSON.stringify(settings, null, 2));
}

/** Gives a user of this name and these groups a client certificate, and returns the file of the kubeconfig. */
export async function writeUserKubeconfig(
  layout: Layout,
  settings: ControlPlaneSettings,
  authority: Authority,
  who: { readonly user: string; readonly groups: readonly string[] },
): Promise<string> {
  const file = layout.kubeconfigOf(who.user);
  writeKubeconfig(file, {
    url: urlOf(settings),
    authority: authority.certificate,
    user: who.user,
    credential: await authority.issue({ commonName: who.user, organizations: who.groups }),
  });
  return file;
}

async function writeServerCertificates(
  layout: Layout,
  settings: ControlPlaneSettings,
  authority: Authority,
): Promise<void> {
  const serving = await authority.issue({
    commonName: 'kube-apiserver',
    hosts: [
      settings.bindAddress,
      '127.0.0.1',
      ...settings.serviceCidrs.map(firstAddressOf),
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
    ],
  });
  writeFileSync(layout.servingCertificate, serving.certificate);
  writeSecret(layout.servingKey, serving.key);
  // kubelets let this group in by the role system:kubelet-api-admin; masters may do all of it.
  const client = await authority.issue({
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
  });
  writeFileSync(layout.kubeletClientCertificate, client.certificate);
  writeSecret(layout.kubeletClientKey, client.key);
}

/** The `kubernetes` Service has the first address of each range, which pods know the apiserver by. */
function firstAddressOf(cidr: string): string {
  const base = cidr.slice(0, cidr.indexOf('/'));
  return base.endsWith('::') ? `${base}1` : base.replace(/\d+$/, (last) => String(Number(last) + 1));
}

function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
