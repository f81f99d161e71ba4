import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, disputesIn, readAnswers } from './answers.ts';

const FILE_HEADER = 'd4c3b2a1 0200 0400 00000000 00000000 00000400 01000000';

function pcap(...frames: readonly string[]): Uint8Array {
  // Every record at second 2 and 500 µs.
  const records = frames.map((hex) => `02000000 f4010000 ${length(hex)} ${length(hex)} ${hex}`);
  return Buffer.from([FILE_HEADER, ...records].join('').replaceAll(/\s/g, ''), 'hex');
}

function length(hex: string): string {
  return `${(hex.replaceAll(/\s/g, '').length / 2).toString(16).padStart(2, '0')}000000`;
}

const ARP_REPLY = '02be00000003 02be0000000b 0806 0001 0800 06 04 0002 02be0000000b c6120801 02be00000003 c6120003';
const ARP_PROBE = 'ffffffffffff 02be0000000b 0806 0001 0800 06 04 0001 02be0000000b 00000000 000000000000 c6120801';
const IPV6 = '86dd 60000000 0020 3a ff fd620000000000000000000000000010 ff020000000000000000000000000001';
const ADVERTISEMENT = `333300000001 02be0000000c ${IPV6} 88 00 0000 20000000 fd620000000000000000000000000010 02 01 02be0000000d`;
const SOLICITATION = `333300000001 02be0000000c ${IPV6} 87 00 0000 00000000 fd620000000000000000000000000010 01 01 02be0000000d`;

test('answers of both families are read with time, address and hardware address; questions and probes are none', () => {
  assert.deepEqual(readAnswers(pcap(ARP_PROBE, ARP_REPLY, SOLICITATION, ADVERTISEMENT)), [
    { at: 2000.5, address: '198.18.8.1', mac: '02:be:00:00:00:0b' },
    { at: 2000.5, address: 'fd62::10', mac: '02:be:00:00:00:0d' },
  ]);
});

test('a record that is still being written is left out, and so is what is no frame of ours', () => {
  const whole = pcap(ARP_REPLY, ARP_REPLY);
  assert.equal(readAnswers(whole.subarray(0, whole.length - 1)).length, 1);
  assert.deepEqual(readAnswers(whole.subarray(0, 10)), []);
  assert.deepEqual(readAnswers(pcap('02be00', 'ffffffffffff 02be0000000b 0800 45')), []);
  assert.throws(() => readAnswers(new Uint8Array(24)), /not a pcap file/);
});

const told = (sequence: string, everyMs: number): Answer[] =>
  [...sequence].map((mac, index) => ({ at: index * everyMs, address: '192.0.2.1', mac }));

const rows: readonly [
  name: string,
  sequence: string,
  everyMs: number,
  found: readonly (readonly [number, number])[],
][] = [
  ['one machine that answers all the time disputes nothing', 'aaaa', 20, []],
  ['a move is no dispute', 'aaabbb', 20, []],
  ['a move and its return, long apart, are no dispute', 'aabbbbbbaa', 100, []],
  ['two that both answer dispute from the first change to the last', 'aababab', 20, [[40, 120]]],
  ['two that answer all the time dispute all the time', 'abababababababab', 100, [[100, 1500]]],
  [
    'each dispute is told by itself',
    'abaaaaaaaaba',
    100,
    [
      [100, 200],
      [1000, 1100],
    ],
  ],
];
for (const [name, sequence, everyMs, found] of rows) {
  test(name, () => {
    const disputes = disputesIn(told(sequence, everyMs), 250);
    assert.deepEqual(
      disputes.map(({ from, to }) => [from, to]),
      found,
    );
  });
}

test('a dispute names those who took part, and addresses are told apart', () => {
  const other = told('bcbc', 20).map((each) => ({ ...each, address: '192.0.2.2' }));
  const both = [...told('aba', 20), ...other].sort((a, b) => a.at - b.at);
  assert.deepEqual(
    disputesIn(both, 250).map(({ address, macs }) => [address, macs]),
    [
      ['192.0.2.1', ['a', 'b']],
      ['192.0.2.2', ['b', 'c']],
    ],
  );
});
