import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { attempt } from './machine/run.ts';

const command = join(import.meta.dirname, '../bin/lab');
const state = mkdtempSync(join(tmpdir(), 'berth-state-'));
after(() => rmSync(state, { recursive: true }));

const rows: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly as?: readonly string[];
  readonly says: RegExp;
}[] = [
  {
    name: 'a lab name that cannot name an interface',
    args: ['up'],
    env: { LAB: 'My-Lab' },
    says: /^lab: Cannot use "My-Lab" as the name of a lab: use at most 9 small letters and digits, such as LAB=dev$/,
  },
  {
    name: 'a lab name that is too long',
    args: ['down'],
    env: { LAB: 'abcdefghij' },
    says: /^lab: Cannot use "abcdefghij" as the name of a lab: use at most 9/,
  },
  {
    name: 'nodes that are no number',
    args: ['up'],
    env: { NODES: 'three' },
    says: /^lab: Cannot start "three" nodes: use a whole number, such as NODES=3$/,
  },
  {
    name: 'no nodes at all',
    args: ['up', '--nodes', '0'],
    says: /^lab: Cannot start 0 nodes: use a whole number from 1 to 64, such as NODES=3$/,
  },
  {
    name: 'a user who may not make namespaces',
    args: ['up'],
    as: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'],
    says: /^lab: Cannot start a lab: it makes network namespaces, which only root may; run it as root$/,
  },
  {
    name: 'a lab that is not running',
    args: ['cut', 'node-1'],
    says: /^lab: Cannot find lab "quiet": it isn't running; start it with LAB=quiet bin\/lab up$/,
  },
];

for (const { name, args, env, as = [], says } of rows) {
  test(`${name}: one sentence, exit code 1, nothing left`, async () => {
    const places = { LAB: 'quiet', BERTH_LAB_STATE: state, BERTH_LAB_DATA: state };
    const outcome = await attempt([...as, command, ...args], { env: { ...places, ...env } });
    assert.match(outcome.stderr.trim(), says);
    assert.equal(outcome.stderr.trim().split('\n').length, 1);
    assert.equal(outcome.code, 1);
    assert.deepEqual(readdirSync(state), []);
  });
}
