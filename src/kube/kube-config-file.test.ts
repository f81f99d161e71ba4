import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { inClusterAccess, tokenFile } from './in-cluster.ts';
import { type ClusterAccess, loadKubeConfig } from './kube-config.ts';
import { accessFromKubeConfig, mergeKubeConfigs, readKubeConfig } from './kube-config-file.ts';

const text = (user: string, cluster = ''): string => `
apiVersion: v1
kind: Config
current-context: main
contexts:
- name: main
  context: { cluster: c, user: u, namespace: team }
- name: other
  context: { cluster: absent, user: u }
clusters:
- name: c
  cluster: { server: "https://192.0.2.1:6443"${cluster} }
users:
- name: u
  user: { ${user} }
`;

const access = (source: string, context?: string): ClusterAccess | 'needs-plugin' =>
  accessFromKubeConfig(readKubeConfig('/etc/kube/config', source, parse), context);
const plain = (source: string): ClusterAccess => {
  const found = access(source);
  assert.ok(found !== 'needs-plugin');
  return found;
};
const base64 = (value: string): string => Buffer.from(value).toString('base64');

describe('kubeconfig', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'berth-kubeconfig-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('gives server, namespace and token of the current context', () => {
    const found = plain(text('token: abc', ', tls-server-name: api.example, insecure-skip-tls-verify: true'));
    assert.equal(found.server.href, 'https://192.0.2.1:6443/');
    assert.equal(found.namespace, 'team');
    assert.equal(found.authorization(), 'Bearer abc');
    assert.deepEqual([found.tls.serverName, found.tls.skipVerify], ['api.example', true]);
  });

  it('gives certificates from data and from files beside the kubeconfig', () => {
    writeFileSync(join(folder, 'key.pem'), 'KEY');
    const user = `client-certificate-data: ${base64('CERT')}, client-key: key.pem`;
    const file = readKubeConfig(
      join(folder, 'config'),
      text(user, `, certificate-authority-data: ${base64('CA')}`),
      parse,
    );
    const found = accessFromKubeConfig(file);
    assert.ok(found !== 'needs-plugin');
    const { ca, cert, key } = found.tls.secure;
    assert.deepEqual([String(ca), String(cert), String(key)], ['CA', 'CERT', 'KEY']);
    assert.equal(found.authorization(), undefined);
  });

  it('gives a password where there is nothing better', () => {
    assert.equal(plain(text('username: me, password: pw')).authorization(), `Basic ${base64('me:pw')}`);
  });

  it('leaves plugins and providers to client-node', () => {
    assert.equal(access(text('exec: { command: x }')), 'needs-plugin');
    assert.equal(access(text('auth-provider: { name: oidc }')), 'needs-plugin');
  });

  const faults: readonly [name: string, run: () => unknown, message: RegExp][] = [
    ['text that is no YAML', () => access('{'), /\/etc\/kube\/config: not YAML/],
    ['YAML that is no mapping', () => access('3'), /not a kubeconfig/],
    ['a list that is none', () => access('users: 3'), /users is not a list/],
    ['an entry without a name', () => access('users: [{}]'), /an entry of users has no name/],
    ['no context at all', () => access('{}'), /no current-context/],
    ['a context that is not there', () => access(text(''), 'nope'), /no context "nope"/],
    [
      'a cluster that is not there',
      () => access(text(''), 'other'),
      /context "other" names no known cluster: "absent"/,
    ],
    [
      'a server that is no https URL',
      () => access(text('').replace('https', 'http')),
      /server "http:\/\/192.0.2.1:6443" is not an https URL/,
    ],
  ];
  for (const [name, run, message] of faults) it(`refuses ${name}`, () => assert.throws(run, message));

  it('merges several files: the first to say something wins', () => {
    const files = [
      text('token: first'),
      `${text('token: second').replace('current-context: main', 'current-context: other')}- name: v\n  user: { token: v }\n`,
    ];
    const merged = mergeKubeConfigs(files.map((each, index) => readKubeConfig(`/${index}`, each, parse)));
    assert.equal(merged.currentContext, 'main');
    assert.deepEqual([...merged.users.keys()].sort(), ['u', 'v']);
    assert.equal(merged.users.get('u')?.token, 'first');
  });

  it('is found in $KUBECONFIG, and in the pod’s own account where there is none', async () => {
    const path = join(folder, 'config');
    writeFileSync(path, text('token: abc'));
    const found = await loadKubeConfig({ environment: { KUBECONFIG: `${path}:` } });
    assert.equal(await found.authorization(), 'Bearer abc');
    const pod = { KUBERNETES_SERVICE_HOST: '192.0.2.9', KUBERNETES_SERVICE_PORT: '443' };
    await assert.rejects(loadKubeConfig({ environment: pod }), /serviceaccount/);
  });

  it('runs a plugin through client-node', async () => {
    const path = join(folder, 'with-plugin');
    const credential = JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    });
    const exec = `exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: echo, args: ['${credential}'] }`;
    writeFileSync(path, text(exec));
    const found = await loadKubeConfig({ path });
    assert.equal(await found.authorization(), 'Bearer from-plugin');
    assert.equal(found.server.host, '192.0.2.1:6443');
  });
});

describe('the account of a pod', () => {
  it('is read from kubelet’s files; the token again once a minute and after a refusal', () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-account-'));
    try {
      for (const [name, content] of Object.entries({ token: 'one\n', 'ca.crt': 'CA', namespace: 'metallb-system\n' })) {
        writeFileSync(join(folder, name), content);
      }
      const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
      const found = inClusterAccess(pod, folder);
      assert.equal(found.server.href, 'https://[fd00::1]/');
      assert.equal(found.namespace, 'metallb-system');
      assert.equal(found.authorization(), 'Bearer one');

      let now = 0;
      const token = tokenFile(join(folder, 'token'), () => now);
      assert.equal(token.read(), 'Bearer one');
      writeFileSync(join(folder, 'token'), 'two');
      now = 59_000;
      assert.equal(token.read(), 'Bearer one');
      now = 60_000;
      assert.equal(token.read(), 'Bearer two');
      writeFileSync(join(folder, 'token'), 'three');
      token.forget();
      assert.equal(token.read(), 'Bearer three');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
