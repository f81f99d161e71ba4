import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { attempt } from './machine/run.ts';
import { ensurePackages } from './packages.ts';
import { silent } from './progress.ts';

test('nothing is done where everything is there', async () => {
  await ensurePackages([{ name: 'coreutils', brings: 'cat' }], silent);
  await ensurePackages([{ name: 'base-files', brings: '/etc/os-release' }], silent);
});

test('a user who may not install is told what to install, in one sentence', async () => {
  const program = `
    import { ensurePackages } from ${JSON.stringify(join(import.meta.dirname, 'packages.ts'))};
    await ensurePackages([{ name: 'moon-tools', brings: 'moonwalk' }, { name: 'sun', brings: '/no/such/sun' }])
      .catch((error) => console.log(error.message));`;
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', process.execPath];
  const { stdout } = await attempt([...asNobody, '--input-type=module', '-e', program]);
  assert.equal(
    stdout.trim(),
    'Cannot go on without moonwalk, /no/such/sun: install them (Debian: apt-get install moon-tools sun)',
  );
});
