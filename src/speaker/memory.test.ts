import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { planned } from '../../test/wire/ground.ts';
import { createLogger } from '../telemetry/logger.ts';
import { Memory } from './memory.ts';

interface Line {
  readonly msg: string;
  readonly reason?: string;
  readonly error?: string;
}

function ground(): {
  readonly directory: string;
  readonly lines: Line[];
  open(node?: string, at?: string): Memory;
} & Disposable {
  const directory = mkdtempSync(join(tmpdir(), 'berth-memory-'));
  const lines: Line[] = [];
  const log = createLogger({
    component: 'speaker',
    destination: { write: (text) => void lines.push(JSON.parse(text) as Line) },
  });
  return {
    directory,
    lines,
    open: (node = 'n1', at = directory) => new Memory({ directory: at, node, log, isLive: () => true }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

const key = Uint8Array.from({ length: 32 }, (_, at) => 200 + at);
const state = { plan: new Map([['192.0.2.10', planned('192.0.2.10')]]), keys: [key] };
const came = { at: 1, from: 'n2', to: 'n1', cause: 'OwnerDied', detectedAfterMs: 1, restoredAfterMs: 2 } as const;

test('what one life kept the next one recalls, failovers too, and only root may read the file', async () => {
  using made = ground();
  const first = made.open();
  assert.equal(await first.recall(), undefined);
  first.keep(state);
  first.addFailover({ ...came, address: '192.0.2.10' });
  await first.close();
  assert.deepEqual(readdirSync(made.directory), ['state.json']);
  assert.equal(statSync(join(made.directory, 'state.json')).mode & 0o777, 0o600);

  const second = made.open();
  const recalled = await second.recall();
  assert.deepEqual(recalled?.state.plan, state.plan);
  assert.deepEqual(recalled?.state.keys, state.keys);
  assert.deepEqual(second.failovers, [{ ...came, count: 1, addresses: ['192.0.2.10'] }]);
  await second.close();
  assert.deepEqual(made.lines, []);
});

for (const [title, damage, reason] of [
  ['cut off', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50)), /no JSON/],
  [
    'of another node',
    (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('n1', 'n2')),
    /another node/,
  ],
  ['open to others', (file: string) => chmodSync(file, 0o666), /others may write/],
] as const) {
  test(`a file that is ${title} is ignored with a word, and replaced by the next one`, async () => {
    using made = ground();
    const first = made.open();
    first.keep(state);
    await first.close();
    damage(join(made.directory, 'state.json'));
    const second = made.open();
    assert.equal(await second.recall(), undefined);
    assert.match(made.lines[0]?.reason ?? '', reason);
    second.keep(state);
    await second.close();
    const third = made.open();
    assert.notEqual(await third.recall(), undefined);
    await third.close();
    assert.equal(made.lines.length, 1);
  });
}

test('a folder that can’t be written is told once, and no key is in the log', async () => {
  using made = ground();
  const memory = made.open('n1', join(made.directory, 'absent'));
  memory.keep(state);
  await memory.close();
  assert.equal(made.lines[0]?.error, 'ENOENT');
  assert.ok(!JSON.stringify(made.lines).includes('200,201'));
});
