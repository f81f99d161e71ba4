import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { pool, service } from './plan.ts';

const project = resolve(import.meta.dirname, '../..');

interface Workflow {
  readonly jobs: { readonly plan: { readonly steps: readonly { readonly name?: string; readonly run?: string }[] } };
}

function inRepository<T>(work: (folder: string, git: (...args: string[]) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'berth-ci-'));
  const git = (...args: string[]): string => {
    const all = ['-C', folder, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args];
    const { status, stdout, stderr } = spawnSync('git', all, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  try {
    git('init', '-q');
    return work(folder, git);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the step of the workflow comments on a pull request and fails for a refusal', () => {
  const workflow = parse(readFileSync(join(project, 'docs/examples/berth-plan.yaml'), 'utf8')) as Workflow;
  const step = workflow.jobs.plan.steps.find(({ name }) => name === 'plan');
  assert.ok(step?.run);
  inRepository((folder, git) => {
    symlinkSync(project, join(folder, '.berth'));
    writeFileSync(join(folder, 'all.yaml'), pool('edge', '192.0.2.0/28') + service('team-a/web'));
    git('add', 'all.yaml');
    git('commit', '-q', '-m', 'first');
    const run = (): { readonly status: number | null; readonly stdout: string } =>
      spawnSync('bash', ['-e', '-c', step.run ?? ''], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          ARGUMENTS: '-f all.yaml',
          STATE: '',
          BASE: git('rev-parse', 'HEAD'),
          GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        },
      });
    assert.equal(run().status, 0);
    writeFileSync(
      join(folder, 'all.yaml'),
      pool('edge', '192.0.2.0/28') + service('team-a/web', { ip: '198.51.100.1' }),
    );
    const { status, stdout } = run();
    assert.equal(status, 2);
    assert.match(
      stdout,
      /^::error file=all\.yaml,line=12,col=3,title=berth plan%3A AddressOutsidePools::Service team-a\/web/m,
    );
    assert.match(readFileSync(join(folder, 'summary'), 'utf8'), /\*\*Service team-a\/web\*\*: AddressOutsidePools/);
  });
});

test('the hook before a commit runs the command that is there', () => {
  const [hook] = parse(readFileSync(join(project, '.pre-commit-hooks.yaml'), 'utf8')) as readonly {
    readonly entry: string;
  }[];
  inRepository((folder) => {
    writeFileSync(join(folder, 'all.yaml'), pool('edge', '192.0.2.0/28') + service('team-a/web'));
    const [program = '', ...words] = (hook?.entry ?? '').split(' ');
    const { status, stderr } = spawnSync(join(project, program), [...words, '-f', 'all.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });
});
