/** What a later version of Berth delivers: pods, webhooks and definitions that differ from those of this one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const base = 'kustomize/base';
const edits: readonly (readonly [file: string, from: string, to: string])[] = [
  ['controller/deployment.yaml', 'component: controller\n      annotations:', `$&\n        berth.dev/next: "true"`],
  ['speaker/daemonset.yaml', 'component: speaker\n      annotations:', `$&\n        berth.dev/next: "true"`],
  ['webhook/mutating-webhook.yaml', 'timeoutSeconds: 5', 'timeoutSeconds: 6'],
  ['webhook/validating-webhook.yaml', 'timeoutSeconds: 5', 'timeoutSeconds: 6'],
  // The apiserver ends every watch of a kind whose schema changes.
  ['crds/metallb.io_ipaddresspools.yaml', 'IPAddressPool is a set', 'In the next version it still is a set'],
];

/** Edits a checkout of what is delivered. @throws Error where there is nothing to edit. */
export function writeNextVersion(folder: string): void {
  for (const [name, from, to] of edits) {
    const file = join(folder, base, name);
    const text = readFileSync(file, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
    writeFileSync(file, text.replace(from, to));
  }
}
