/** What the guides name is there: folders, files, verbs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { attempt, run } from '../../lab/machine/run.ts';
import { commandsOf } from '../support/guide.ts';
import { buildOffline, project } from './built.ts';

const guides = [
  'docs/install.md',
  'docs/gitops.md',
  'docs/operate/upgrade.md',
  'docs/operate/uninstall.md',
  'docs/release.md',
  'flux/README.md',
  'kustomize/README.md',
];
const textOf = (guide: string): string => readFileSync(join(project, guide), 'utf8');
const commands = guides.flatMap((guide) => commandsOf(guide));

for (const guide of guides) {
  test(`every link of ${guide} leads somewhere`, () => {
    for (const [, target = ''] of textOf(guide).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (target.includes('://')) continue;
      assert.ok(existsSync(join(project, dirname(guide), target)), target);
    }
  });
}

test('every folder that a guide applies builds', async () => {
  const folders = new Set(commands.flatMap((command) => / -k (\S+)/.exec(command)?.[1] ?? []));
  assert.ok(folders.size > 0);
  for (const folder of folders) await buildOffline(join(project, folder));
});

test('every verb of the lab that a guide uses is there, with its options', async () => {
  const used = commands.filter((command) => command.includes('bin/lab '));
  assert.ok(used.length > 0);
  for (const command of used) {
    const [verb = '', ...rest] = command.slice(command.indexOf('bin/lab ') + 'bin/lab '.length).split(' ');
    const help = await run([join(project, 'bin/lab'), 'help', verb]);
    assert.match(help, new RegExp(`^Usage: lab ${verb}`), command);
    for (const option of rest.filter((word) => word.startsWith('--'))) assert.ok(help.includes(option), command);
  }
});

test('every command of a guide is one that the shell can read', async () => {
  for (const command of commands) {
    const { code, stderr } = await attempt(['bash', '-n', '-c', command]);
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
});

test('every step of an example workflow is one that the shell can read, and the targets of make are there', async () => {
  const makefile = readFileSync(join(project, 'Makefile'), 'utf8');
  for (const file of readdirSync(join(project, 'docs/examples'))) {
    const { jobs } = parse(readFileSync(join(project, 'docs/examples', file), 'utf8'));
    const steps = Object.values<{ steps: { run?: string }[] }>(jobs).flatMap((job) => job.steps);
    for (const { run: script } of steps) {
      if (script === undefined) continue;
      const { code, stderr } = await attempt(['bash', '-n', '-c', script]);
      assert.equal(code, 0, `${file}: ${script}: ${stderr}`);
      for (const [, target] of script.matchAll(/\bmake ([a-z-]+) [A-Z]/g)) {
        assert.ok(makefile.includes(`\n${target}: `), `${file}: make has no target "${target}"`);
      }
    }
  }
});
