import { existsSync } from 'node:fs';
import { LabProblem } from '../problem.ts';

/** Namespaces and interfaces are root's to make. @throws LabProblem for any other user. */
export function requireRoot(purpose: string): void {
  if (process.getuid?.() === 0) return;
  throw new LabProblem(`Cannot ${purpose}: it makes network namespaces, which only root may; run it as root`);
}

/** @throws LabProblem on another system than Linux with network namespaces. */
export function requireLinux(purpose: string): void {
  if (process.platform === 'linux' && existsSync('/proc/self/ns/net')) return;
  throw new LabProblem(`Cannot ${purpose}: it needs Linux with network namespaces; run it on such a machine`);
}
