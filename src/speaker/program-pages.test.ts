import assert from 'node:assert/strict';
import { it } from 'node:test';
import { giveBackProgramPages, unchangedMappings } from './program-pages.ts';

const mapping = (head: string, anonymousKib: number): string =>
  `${head}\nSize:               1024 kB\nRss:                 512 kB\nAnonymous:           ${anonymousKib} kB\nVmFlags: rd mr mw me sd\n`;

it('finds what of a file is as it is on disk', () => {
  const smaps = [
    mapping('00400000-00500000 r--p 00000000 fe:01 12                                 /usr/bin/node', 0),
    mapping('00500000-00700000 r-xp 00100000 fe:01 12                                 /usr/bin/node', 0),
    mapping('00700000-00710000 r--p 00300000 fe:01 12                                 /usr/bin/node', 64),
    mapping('00710000-00720000 rw-p 00310000 fe:01 12                                 /usr/bin/node', 0),
    mapping('00720000-00800000 rw-p 00000000 00:00 0 ', 0),
    mapping('7f0000000000-7f0000100000 r-xp 00000000 fe:01 13                         /usr/lib/libc.so.6', 0),
  ].join('');
  assert.deepEqual(unchangedMappings(smaps, '/usr/bin/node'), [
    { address: 0x400000n, length: 0x100000n },
    { address: 0x500000n, length: 0x200000n },
  ]);
});

it('gives pages back, and the program runs on', () => {
  giveBackProgramPages();
  assert.equal([3, 1, 2].toSorted().join(), '1,2,3');
});
