/** The text form of IPv6 (RFC 4291 section 2.2, written as RFC 5952) <-> a 128-bit number. */
import { fail, ok, type Result } from '../result.ts';
import { readIPv4 } from './ipv4-text.ts';

const groupCount = 8;

/** Reads all three text forms of RFC 4291 section 2.2; anything else gives a message. */
export function readIPv6(text: string): Result<bigint> {
  const halves = text.split('::', 3);
  if (halves.length > 2) return fail('"::" may stand only once in an IPv6 address');
  const head = readGroups(halves[0] ?? '', halves.length === 1);
  if (!head.ok) return head;
  if (halves.length === 1) {
    if (head.value.length !== groupCount) return fail(`an IPv6 address without "::" has ${groupCount} groups`);
    return ok(join(head.value));
  }
  const tail = readGroups(halves[1] ?? '', true);
  if (!tail.ok) return tail;
  const missing = groupCount - head.value.length - tail.value.length;
  if (missing < 1) return fail(`an IPv6 address has ${groupCount} groups at most, "::" standing for one or more`);
  return ok(join([...head.value, ...new Array<number>(missing).fill(0), ...tail.value]));
}

/** Writes a 128-bit number: lower case, no leading zeros, the longest run of zero groups as "::". */
export function writeIPv6(value: bigint): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

/** RFC 5952 section 4.2: the first of the longest runs. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  });
  return best;
}

function readGroups(text: string, isLast: boolean): Result<number[]> {
  if (text === '') return ok([]);
  const groups: number[] = [];
  const parts = text.split(':', groupCount + 1);
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      if (!isLast || index !== parts.length - 1)
        return fail('an IPv4 part may stand only at the end of an IPv6 address');
      const embedded = readIPv4(part);
      if (!embedded.ok) return embedded;
      groups.push(Number(embedded.value >> 16n), Number(embedded.value & 0xffffn));
    } else {
      if (part === '') return fail('a group of an IPv6 address is missing');
      if (!/^[0-9a-fA-F]{1,4}$/.test(part))
        return fail('a group of an IPv6 address has one to four hexadecimal digits');
      groups.push(Number.parseInt(part, 16));
    }
  }
  return ok(groups);
}

function join(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}
