import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from './line-splitter.ts';

describe('line splitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        const splitter = new LineSplitter();
        const found: string[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = 1 + (sizes[turn % sizes.length] ?? 0);
          splitter.push(bytes.subarray(at, at + size), (each) => found.push(each));
          at += size;
        }
        assert.deepEqual(
          found,
          lines.filter((each) => each !== ''),
        );
      }),
    );
  });

  it('refuses a line without end', () => {
    const splitter = new LineSplitter(10);
    assert.throws(() => splitter.push(Buffer.from('x'.repeat(11)), () => undefined), /a line of more than 10 bytes/);
  });
});
