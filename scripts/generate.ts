/** Runs every generator of the project, so that `make verify` sees what is stale. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const scripts = new URL('.', import.meta.url);

for (const name of readdirSync(scripts)
  .filter((file) => /^generate-[a-z-]+\.ts$/.test(file))
  .sort()) {
  console.log(`generate: ${name}`);
  execFileSync(process.execPath, [fileURLToPath(new URL(name, scripts))], { stdio: 'inherit' });
}
