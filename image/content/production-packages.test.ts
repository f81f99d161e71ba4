import assert from 'node:assert/strict';
import { test } from 'node:test';
import { platforms } from './platform.ts';
import { dependencyPaths, runsOn } from './production-packages.ts';

const installed = new Set(['node_modules/a', 'node_modules/b', 'node_modules/a/node_modules/b', 'node_modules/@s/c']);
const asking = (...names: string[]) => ({ dependencies: Object.fromEntries(names.map((name) => [name, '1'])) });

for (const { what, from, names, found } of [
  { what: 'its own copy comes first', from: 'node_modules/a', names: ['b'], found: ['node_modules/a/node_modules/b'] },
  { what: 'else that of the one around it', from: 'node_modules/@s/c', names: ['b'], found: ['node_modules/b'] },
  {
    what: 'from inside another package',
    from: 'node_modules/a/node_modules/b',
    names: ['@s/c'],
    found: ['node_modules/@s/c'],
  },
  { what: 'for the project itself', from: '', names: ['a', 'b'], found: ['node_modules/a', 'node_modules/b'] },
  { what: 'what is not installed is left out', from: '', names: ['x'], found: [] },
]) {
  test(`a dependency is found as Node finds it: ${what}`, () => {
    assert.deepEqual(dependencyPaths(from, asking(...names), installed), found);
  });
}

for (const { what, locked, on } of [
  { what: 'for every machine', locked: {}, on: ['amd64', 'arm64'] },
  { what: 'for one processor, named by a word', locked: { cpu: 'arm64', os: 'linux' }, on: ['arm64'] },
  { what: 'for one processor, named in a list', locked: { cpu: ['x64'], os: ['linux'] }, on: ['amd64'] },
  { what: 'for another system', locked: { cpu: ['x64'], os: ['darwin'] }, on: [] },
  { what: 'for development', locked: { dev: true }, on: [] },
]) {
  test(`a package ${what} runs on ${on.join(' and ') || 'none of our platforms'}`, () => {
    const found = platforms.filter((platform) => runsOn(platform, { version: '1.0.0', ...locked }));
    assert.deepEqual(
      found.map(({ oci }) => oci),
      on,
    );
  });
}
