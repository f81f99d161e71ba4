/** `berth plan` on 10,000 Services: time, memory, and the same bytes twice. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, round, spread } from '../figure.ts';
import { project } from '../ground.ts';
import type { MeasureOptions } from '../measure.ts';

const SERVICES = 10_000;
const PER_FILE = 500;

export async function planSize({ rounds, quick }: MeasureOptions): Promise<Figure[]> {
  const services = quick ? SERVICES / 10 : SERVICES;
  const folder = mkdtempSync(join(tmpdir(), 'berth-plan-size-'));
  try {
    writeTree(folder, services);
    const runs = Array.from({ length: Math.max(2, rounds) }, () => run(folder));
    const outputs = new Set(runs.map(({ output }) => output));
    const seconds = spread(runs.map((each) => each.seconds));
    const mebibytes = spread(runs.map((each) => each.mebibytes));
    const same = outputs.size === 1;
    return [
      figure(
        `plan of ${services} Services: time`,
        's',
        seconds,
        `≤ 2 s (${round(seconds.median)} s)`,
        seconds.median <= 2,
      ),
      figure(
        `plan of ${services} Services: memory`,
        'MiB',
        mebibytes,
        `≤ 300 MiB (${round(mebibytes.median)} MiB)`,
        mebibytes.median <= 300,
      ),
      figure(
        `plan of ${services} Services: different outputs`,
        'outputs',
        spread([outputs.size]),
        `1, byte for byte (${outputs.size})`,
        same,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figure(name: string, unit: string, berth: Figure['berth'], goal: string, met: boolean): Figure {
  return { name, unit, berth, floor: undefined, peers: {}, goal, met };
}

/** As a user runs it: a process of its own, from its start to its end, with the peak that the kernel saw. */
function run(folder: string): { readonly seconds: number; readonly mebibytes: number; readonly output: string } {
  const peak = join(folder, 'peak');
  const script = `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`;
  const hook = join(folder, 'peak.cjs');
  writeFileSync(hook, script);
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', hook, join(project, 'src/main.ts'), 'plan', '-f', join(folder, 'tree'), '-o', 'json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  if (status !== 0) throw new Error(`berth plan ended with ${status}: ${stderr}`);
  return { seconds, mebibytes: Number(readFileSync(peak, 'utf8')) / 1024, output: stdout };
}

/** Twenty pools, a hundred namespaces; each Service names a pool, asks for an address, or leaves it open. */
function writeTree(folder: string, services: number): void {
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  const pools = Array.from(
    { length: 20 },
    (_, index) =>
      `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata:\n  name: pool-${index}\n  namespace: metallb-system\nspec:\n  addresses:\n    - 10.${index}.0.0/16\n  autoAssign: ${index === 0}\n`,
  );
  const announced =
    'apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata:\n  name: all\n  namespace: metallb-system\n';
  writeFileSync(join(tree, 'pools.yaml'), [...pools, announced].join('---\n'));
  for (let first = 0; first < services; first += PER_FILE) {
    const texts = Array.from({ length: Math.min(PER_FILE, services - first) }, (_, index) =>
      serviceText(first + index),
    );
    writeFileSync(join(tree, `services-${first}.yaml`), texts.join('---\n'));
  }
}

function serviceText(index: number): string {
  const pool = 1 + (index % 19);
  const wish =
    index % 3 === 0
      ? `    metallb.io/address-pool: pool-${pool}\n`
      : index % 3 === 1
        ? `    metallb.io/loadBalancerIPs: 10.${pool}.${128 + ((index >> 7) % 128)}.${index % 256}\n    metallb.io/allow-shared-ip: key-${index}\n`
        : '    owner: somebody\n';
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: web-${index}\n  namespace: team-${index % 100}\n  annotations:\n${wish}  labels:\n    app: web\nspec:\n  type: LoadBalancer\n  selector:\n    app: web-${index}\n  ports:\n    - name: http\n      port: 80\n      targetPort: 8080\n`;
}
