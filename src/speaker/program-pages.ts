/**
 * The pages of Node's own file that a process has mapped. A start touches some
 * 60 MiB of them, of which what comes afterwards needs half at most. Those given
 * back are mapped again where they are touched again, from the page cache.
 */
import { readFileSync } from 'node:fs';
import { giveBackPages } from './l2/libc.ts';

/** Addresses and lengths in bytes. */
export interface Mapping {
  readonly address: bigint;
  readonly length: bigint;
}

/** Gives back every page of the running program's file that holds nothing of this process alone. */
export function giveBackProgramPages(): void {
  for (const { address, length } of unchangedMappings(readFileSync('/proc/self/smaps', 'utf8'), process.execPath))
    giveBackPages(address, length);
}

/**
 * Mappings of a file that can't be written and of which no page was: those that
 * the linker has filled in have no copy in the file.
 *
 * @param smaps As proc_pid_smaps(5) has it.
 */
export function unchangedMappings(smaps: string, file: string): readonly Mapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((text) => {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \S+ +(.*)$/m.exec(text);
    const changed = /^Anonymous: +(\d+) kB$/m.exec(text);
    if (head === null || changed?.[1] !== '0' || head[3]?.includes('w') || head[4] !== file) return [];
    const [address, end] = [BigInt(`0x${head[1]}`), BigInt(`0x${head[2]}`)];
    return [{ address, length: end - address }];
  });
}
