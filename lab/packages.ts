import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandFailed, run } from './machine/run.ts';
import { LabProblem } from './problem.ts';
import { longStep, type Report, reportToStderr } from './progress.ts';

/** A Debian package, and a program or file by whose presence one knows that it is installed. */
export interface DebianPackage {
  readonly name: string;
  /** A program on PATH, or an absolute path. */
  readonly brings: string;
}

/** What a lab needs of Debian. */
export const labPackages: readonly DebianPackage[] = [
  { name: 'iproute2', brings: 'ip' },
  { name: 'runc', brings: 'runc' },
  { name: 'containernetworking-plugins', brings: '/usr/lib/cni/ptp' },
  { name: 'nftables', brings: 'nft' },
  { name: 'conntrack', brings: 'conntrack' },
  { name: 'ethtool', brings: 'ethtool' },
  { name: 'tcpdump', brings: 'tcpdump' },
  { name: 'procps', brings: 'sysctl' },
  { name: 'curl', brings: 'curl' },
  { name: 'git', brings: 'git' },
];

/**
 * Installs those packages that are missing; does nothing when none is. A file
 * of the same purpose from elsewhere is as good.
 *
 * @throws LabProblem naming what to install, where it isn't Debian or the user isn't root, or where apt fails.
 */
export async function ensurePackages(
  wanted: readonly DebianPackage[] = labPackages,
  report: Report = reportToStderr,
  signal?: AbortSignal,
): Promise<void> {
  const missing = wanted.filter((one) => !isPresent(one.brings));
  if (missing.length === 0) return;
  const names = missing.map((one) => one.name);
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    const tools = missing.map((one) => one.brings).join(', ');
    throw new LabProblem(`Cannot go on without ${tools}: install them (Debian: apt-get install ${names.join(' ')})`);
  }
  await longStep(report, `Installing ${names.join(', ')}`, async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    // Waits for another apt instead of failing beside it.
    const apt = ['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
    try {
      await run([...apt, 'update'], { env, signal });
      await run([...apt, 'install', '--yes', '--no-install-recommends', ...names], { env, signal });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const last = error.outcome.stderr.trim().split('\n').at(-1);
      throw new LabProblem(`Cannot install ${names.join(', ')}: apt-get says "${last}"; install them by hand`, {
        cause: error,
      });
    }
  });
}

function isPresent(brings: string): boolean {
  if (!brings.startsWith('/')) return onPath(brings);
  return existsSync(brings) || existsSync(join('/opt/cni/bin', brings.slice(brings.lastIndexOf('/') + 1)));
}

/** System programs lie in /usr/sbin, which isn't on everybody's PATH. */
function onPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}
