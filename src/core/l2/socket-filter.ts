/**
 * Classic BPF programs (linux/filter.h) for the packet sockets: only frames
 * about our addresses wake the speaker, so that a flood for other addresses
 * costs nothing in user space.
 */
import type { Address } from '../net/address.ts';

export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Longest program that the kernel takes (BPF_MAXINSNS). */
export const LONGEST_PROGRAM = 4096;

const LOAD_WORD = 0x20; // A = 32 bits at k
const LOAD_BYTE = 0x30; // A = 8 bits at k
const JUMP_EQUAL = 0x15; // A == k ? jt : jf
const JUMP_GREATER = 0x25; // A > k ? jt : jf
const JUMP_AT_LEAST = 0x35; // A >= k ? jt : jf
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_PKTTYPE: for whom the kernel took the frame to be. */
const PACKET_TYPE = 0xfffff000 + 4;
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;
const WHOLE_FRAME = 0x40000;

const ARP_SENDER = 14 + 14;
const ARP_TARGET = 14 + 24;
const IPV6_NEXT_HEADER = 14 + 6;
const ICMPV6_TYPE = 14 + 40;
const NDP_TARGET_END = 14 + 40 + 8 + 12;
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

const accept: Instruction = { code: RETURN, jt: 0, jf: 0, k: WHOLE_FRAME };
const reject: Instruction = { code: RETURN, jt: 0, jf: 0, k: 0 };

/**
 * ARP whose target or sender is one of the IPv4 addresses; every ARP frame
 * where they are too many runs for one program.
 */
export function arpFilter(addresses: readonly Address[]): readonly Instruction[] {
  const runs = runsOf(addresses.filter((each) => each.family === 'IPv4').map((each) => Number(each.value)));
  const exact = [...dropForeign(), ...acceptRuns(ARP_TARGET, runs), ...acceptRuns(ARP_SENDER, runs), reject];
  return exact.length <= LONGEST_PROGRAM ? exact : wideArpFilter();
}

/** Every ARP frame that came to this host. */
export function wideArpFilter(): readonly Instruction[] {
  return [...dropForeign(), accept];
}

/**
 * Solicitations and advertisements whose target ends in the last 32 bits of
 * one of the IPv6 addresses (user space compares the rest); all of them where
 * the addresses are too many runs for one program.
 */
export function ndpFilter(addresses: readonly Address[]): readonly Instruction[] {
  const ends = addresses.filter((each) => each.family === 'IPv6').map((each) => Number(each.value & 0xffffffffn));
  const exact = [...dropForeign(), ...dropOtherMessages(), ...acceptRuns(NDP_TARGET_END, runsOf(ends)), reject];
  return exact.length <= LONGEST_PROGRAM ? exact : wideNdpFilter();
}

/** Every solicitation and advertisement that came to this host. */
export function wideNdpFilter(): readonly Instruction[] {
  return [...dropForeign(), ...dropOtherMessages(), accept];
}

/** Frames to another station, tagged for a VLAN without interface here (the kernel marks both alike), and our own. */
function dropForeign(): readonly Instruction[] {
  return [
    { code: LOAD_WORD, jt: 0, jf: 0, k: PACKET_TYPE },
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: PACKET_OTHERHOST },
    { code: JUMP_EQUAL, jt: 0, jf: 1, k: PACKET_OUTGOING },
    reject,
  ];
}

function dropOtherMessages(): readonly Instruction[] {
  return [
    { code: LOAD_BYTE, jt: 0, jf: 0, k: IPV6_NEXT_HEADER },
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: ICMPV6 },
    reject,
    { code: LOAD_BYTE, jt: 0, jf: 0, k: ICMPV6_TYPE },
    { code: JUMP_EQUAL, jt: 2, jf: 0, k: SOLICITATION },
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: ADVERTISEMENT },
    reject,
  ];
}

/** Accepts where the word at `offset` lies in a run; else falls through. */
function acceptRuns(offset: number, runs: readonly Run[]): readonly Instruction[] {
  if (runs.length === 0) return [];
  const tests = runs.flatMap((run): readonly Instruction[] =>
    run.first === run.last
      ? [{ code: JUMP_EQUAL, jt: 0, jf: 1, k: run.first }, accept]
      : [
          { code: JUMP_AT_LEAST, jt: 0, jf: 2, k: run.first },
          { code: JUMP_GREATER, jt: 1, jf: 0, k: run.last },
          accept,
        ],
  );
  return [{ code: LOAD_WORD, jt: 0, jf: 0, k: offset }, ...tests];
}

interface Run {
  readonly first: number;
  readonly last: number;
}

/** Neighbouring numbers joined: addresses come from ranges, so runs are few. */
function runsOf(numbers: readonly number[]): readonly Run[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const open = runs.at(-1);
    if (open !== undefined && open.last + 1 === number) open.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}
