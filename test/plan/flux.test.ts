import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../../lab/binaries.ts';
import { emptyState } from '../../src/plan/cluster-state.ts';
import { readFlux } from '../../src/plan/flux/read-flux.ts';
import { substitute } from '../../src/plan/flux/substitute.ts';
import { planOf } from '../../src/plan/forecast/forecast.ts';
import type { PlanReport } from '../../src/plan/forecast/report.ts';
import { readKustomization } from '../../src/plan/read/kustomize.ts';
import { NOW, pool, service, serviceOf } from './plan.ts';

const made: string[] = [];

/** A folder with these files; removed at the end. */
function tree(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'berth-tree-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

before(async () => {
  process.env.KUBECTL = await findProgram('kubectl');
});
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function kustomization(name: string, path: string, more = ''): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n  path: ./${path}\n  sourceRef: {kind: GitRepository, name: flux-system}\n${more}---\n`;
}

function planFlux(files: Readonly<Record<string, string>>, begin = 'clusters/prod'): PlanReport {
  const root = tree(files);
  const { comesAfterConfiguration, ...read } = readFlux(join(root, begin), root);
  return planOf({ ...read, comesAfterConfiguration, before: emptyState(['IPv4']), managed: 'nothing', now: NOW });
}

const VARIABLE = (text: string): string => `${'$'}{${text}}`;

describe('a Flux tree', () => {
  test('is followed, with variables from a ConfigMap, defaults and its own namespace', () => {
    const report = planFlux({
      'clusters/prod/vars.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {RANGE: 192.0.2.0/28}\n',
      'clusters/prod/config.yaml': kustomization(
        'config',
        'config',
        '  targetNamespace: metallb-system\n  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: vars}]\n',
      ),
      'clusters/prod/apps.yaml': kustomization(
        'apps',
        'apps',
        '  dependsOn: [{name: config}]\n  postBuild:\n    substitute: {X: y}\n',
      ),
      'config/pool.yaml': pool('edge', VARIABLE('RANGE')),
      'apps/web.yaml': service('team-a/web', { ip: VARIABLE('WEB:=192.0.2.7') }),
    });
    assert.deepEqual(serviceOf(report, 'team-a/web').addresses, ['192.0.2.7']);
    assert.equal(serviceOf(report, 'team-a/web').appliedBy, 'flux-system/apps');
  });

  test('an undefined variable makes a pinned address an automatic one, and that is said', () => {
    const report = planFlux({
      'clusters/prod/apps.yaml': kustomization('apps', 'apps', '  postBuild:\n    substitute: {X: y}\n'),
      'apps/all.yaml': pool('edge', '192.0.2.0/28') + service('team-a/web', { ip: VARIABLE('WEB') }),
    });
    assert.deepEqual(serviceOf(report, 'team-a/web').addresses, ['192.0.2.0']);
    assert.match(
      report.findings.find(({ rule }) => rule === 'undefined-variable')?.message ?? '',
      /variable WEB is defined nowhere.*becomes an automatic one/,
    );
  });

  test('a variable that a Secret may have is unknown', () => {
    const report = planFlux({
      'clusters/prod/apps.yaml': kustomization(
        'apps',
        'apps',
        '  postBuild:\n    substituteFrom: [{kind: Secret, name: hidden}]\n',
      ),
      'apps/all.yaml': pool('edge', VARIABLE('RANGE')) + service('team-a/web', { ip: '192.0.2.7' }),
    });
    assert.equal(serviceOf(report, 'team-a/web').answer, 'unknown');
  });

  test('a pool that only the patches of its Kustomization fill is filled', () => {
    const patch =
      '  patches:\n    - patch: |\n        - op: replace\n          path: /spec/addresses\n          value: [192.0.2.0/28]\n      target: {kind: IPAddressPool, name: edge}\n';
    const report = planFlux({
      'clusters/prod/config.yaml': kustomization('config', 'config', patch),
      'config/pool.yaml': pool('edge', '192.0.2.0/28').replace('["192.0.2.0/28"]', '[]') + service('team-a/web'),
    });
    assert.deepEqual(serviceOf(report, 'team-a/web').addresses, ['192.0.2.0']);
  });

  test('a parent that patches its children gives them their variables', () => {
    const patch =
      '  patches:\n    - patch: |\n        apiVersion: kustomize.toolkit.fluxcd.io/v1\n        kind: Kustomization\n        metadata: {name: any}\n        spec: {postBuild: {substitute: {WEB: 192.0.2.9}}}\n      target: {kind: Kustomization, labelSelector: substitute=yes}\n';
    const report = planFlux({
      'clusters/prod/all.yaml': kustomization('parent', 'children', patch),
      'children/child.yaml': kustomization('child', 'apps').replace(
        'namespace: flux-system}',
        'namespace: flux-system, labels: {substitute: "yes"}}',
      ),
      'apps/all.yaml': pool('edge', '192.0.2.0/28') + service('team-a/web', { ip: VARIABLE('WEB') }),
    });
    assert.deepEqual(serviceOf(report, 'team-a/web').addresses, ['192.0.2.9']);
  });

  test('what is reached by nothing, missing, suspended or waits for ever is said', () => {
    const report = planFlux({
      'clusters/prod/apps.yaml':
        kustomization('apps', 'apps', '  dependsOn: [{name: nobody}]\n') +
        kustomization('gone', 'gone') +
        kustomization('still', 'apps', '  suspend: true\n'),
      'apps/all.yaml': service('team-a/web'),
      'forgotten/pool.yaml': pool('edge', '192.0.2.0/28'),
    });
    const rules = report.findings.map(({ rule }) => rule);
    for (const rule of ['unreached', 'missing-path', 'suspended', 'absent-dependency'])
      assert.ok(rules.includes(rule), `${rule} of ${rules.join()}`);
    assert.equal(report.verdict, 'incomplete');
  });
});

describe('substitution', () => {
  const rows: readonly (readonly [string, string])[] = [
    [VARIABLE('A'), 'one'],
    [`x-${VARIABLE('A')}-${VARIABLE('A')}`, 'x-one-one'],
    [VARIABLE('B:=two'), 'two'],
    [VARIABLE('B:-two'), 'two'],
    [VARIABLE('EMPTY:=three'), 'three'],
    [VARIABLE('B'), ''],
    [`$${VARIABLE('A')}`, VARIABLE('A')],
    ['$A', '$A'],
  ];
  const variables = {
    values: new Map([
      ['A', 'one'],
      ['EMPTY', ''],
    ]),
    elsewhere: undefined,
  };
  for (const [text, wanted] of rows) {
    test(`${text} becomes "${wanted}"`, () => {
      assert.deepEqual(substitute({ metadata: { name: text } }, variables).object, { metadata: { name: wanted } });
    });
  }
});

describe('a kustomization', () => {
  test('is built as kubectl builds it, and its objects keep their lines', () => {
    const root = tree({
      'overlay/kustomization.yaml': 'resources: [../base]\nnamePrefix: my-\npatches:\n  - path: patch.yaml\n',
      'overlay/patch.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: team-a}\nspec: {loadBalancerIP: 192.0.2.4}\n',
      'base/kustomization.yaml': 'resources: [all.yaml]\n',
      'base/all.yaml': `# a comment\n${service('team-a/web')}`,
    });
    const { manifests, problems } = readKustomization(join(root, 'overlay'), root);
    assert.deepEqual(problems, []);
    const [web] = manifests;
    assert.ok(web);
    assert.equal(web.name, 'my-web');
    assert.equal((web.object.spec as { loadBalancerIP?: string }).loadBalancerIP, '192.0.2.4');
    assert.deepEqual([web.at.file, web.at.line], [join(root, 'base/all.yaml'), 2]);
  });

  test('all that is wrong in a tree comes in one go', () => {
    const root = tree({
      'top/kustomization.yaml':
        'resources:\n  - missing.yaml\n  - https://example.com/base.yaml\n  - ../other\n  - broken.yaml\n  - outside\npatches:\n  - path: no-patch.yaml\n',
      'top/broken.yaml': 'a: 1\nb: [\n',
      'other/kustomization.yaml': 'resources: [../top]\n',
    });
    symlinkSync(tmpdir(), join(root, 'top/outside'));
    const { problems } = readKustomization(join(root, 'top'), root);
    assert.deepEqual(problems.map(({ rule }) => rule).sort(), [
      'broken-yaml',
      'cycle',
      'missing-base',
      'missing-file',
      'out-of-tree',
      'remote-base',
    ]);
    assert.equal(problems.find(({ rule }) => rule === 'remote-base')?.at.line, 3);
  });
});

describe('against an older commit', () => {
  test('what git dropped is gone, and what it shrank is destructive', () => {
    const root = tree({
      'all.yaml':
        pool('edge', '192.0.2.0/28') +
        service('team-a/web', { ip: '192.0.2.9' }) +
        service('team-a/old', { ip: '192.0.2.3', port: 443 }),
    });
    const git = (...args: string[]): void => {
      const { status, stderr } = spawnSync(
        'git',
        ['-C', root, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
    };
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    writeFileSync(join(root, 'all.yaml'), pool('edge', '192.0.2.0/30') + service('team-a/web', { ip: '192.0.2.9' }));
    const main = new URL('../../src/main.ts', import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, 'plan', '-f', '.', '--against', 'HEAD', '-o', 'json'],
      { cwd: root, encoding: 'utf8' },
    );
    assert.equal(status, 2, stderr);
    const report = JSON.parse(stdout) as PlanReport;
    assert.match(report.configuration[0]?.refusal ?? '', /^WouldDisrupt: .*team-a\/web 192\.0\.2\.9/);
    assert.equal(report.services.find((each) => each.service === 'team-a/old')?.change, 'gone');
  });
});
