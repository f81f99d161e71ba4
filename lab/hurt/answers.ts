/**
 * Who said on the wire that an address is his, and when: read from a capture.
 * It reads frames by offset and takes nothing from the code that it is to judge.
 *
 *     Ethernet  0 destination · 6 source · 12 type
 *     ARP      14 … · 20 operation · 22 sender's MAC · 28 sender's IPv4
 *     IPv6     14 … · 20 next header · 54 ICMPv6 type · 62 target · 78 options
 */
import { addressFromBytes, formatAddress } from '../../src/core/net/address.ts';

/** One frame in which a machine says that an address is at its hardware address. */
export interface Answer {
  /** Milliseconds since 1970, with a fraction. */
  readonly at: number;
  /** As RFC 5952 writes it. */
  readonly address: string;
  readonly mac: string;
}

/** A time in which more than one machine answered for an address. */
export interface Dispute {
  readonly address: string;
  readonly from: number;
  readonly to: number;
  readonly macs: readonly string[];
}

const littleEndianMicroseconds = 0xa1b2c3d4;
const [fileHeaderBytes, recordHeaderBytes] = [24, 16];

/**
 * All answers of a pcap file, answers unasked among them, in the order of the
 * file. A last record that is still being written is left out.
 *
 * @throws RangeError for a file that is no pcap file with microseconds.
 */
export function readAnswers(pcap: Uint8Array): readonly Answer[] {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  if (pcap.length < fileHeaderBytes) return [];
  if (view.getUint32(0, true) !== littleEndianMicroseconds) throw new RangeError('not a pcap file with microseconds');
  const answers: Answer[] = [];
  for (let at = fileHeaderBytes; at + recordHeaderBytes <= pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    const frame = pcap.subarray(at + recordHeaderBytes, at + recordHeaderBytes + length);
    if (frame.length < length) break;
    const said = claimOf(frame);
    if (said !== undefined)
      answers.push({ at: view.getUint32(at, true) * 1000 + view.getUint32(at + 4, true) / 1000, ...said });
    at += recordHeaderBytes + length;
  }
  return answers;
}

function claimOf(frame: Uint8Array): Pick<Answer, 'address' | 'mac'> | undefined {
  const type = frame.length < 14 ? 0 : (frame[12]! << 8) | frame[13]!;
  if (type === 0x0806 && frame.length >= 42) {
    const sender = frame.subarray(28, 32);
    // A probe claims nothing (RFC 5227, section 1.1).
    return sender.every((byte) => byte === 0) ? undefined : { address: text(sender), mac: mac(frame.subarray(22, 28)) };
  }
  if (type === 0x86dd && frame.length >= 78 && frame[20] === 58 && frame[54] === 136) {
    const hasTarget = frame.length >= 86 && frame[78] === 2;
    return {
      address: text(frame.subarray(62, 78)),
      mac: mac(hasTarget ? frame.subarray(80, 86) : frame.subarray(6, 12)),
    };
  }
  return undefined;
}

/**
 * Times in which answers for one address changed between machines more than
 * once: a change alone is a move; one and another within `apartMs` of it are
 * two machines that both believe that the address is theirs.
 */
export function disputesIn(answers: readonly Answer[], apartMs: number): readonly Dispute[] {
  const disputes: Dispute[] = [];
  for (const [address, said] of Map.groupBy(answers, (each) => each.address)) {
    const changes = said.flatMap((each, index) => {
      const before = said[index - 1];
      return before === undefined || before.mac === each.mac ? [] : [{ at: each.at, macs: [before.mac, each.mac] }];
    });
    let run: typeof changes = [];
    for (const change of [...changes, undefined]) {
      const last = run.at(-1);
      if (last !== undefined && (change === undefined || change.at - last.at > apartMs)) {
        const macs = [...new Set(run.flatMap((each) => each.macs))].sort();
        if (run.length > 1) disputes.push({ address, from: run[0]!.at, to: last.at, macs });
        run = [];
      }
      if (change !== undefined) run.push(change);
    }
  }
  return disputes;
}

function text(bytes: Uint8Array): string {
  return formatAddress(addressFromBytes(bytes));
}

function mac(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
