/** What every codec of `core/wire` is held to, whatever the message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Decoded } from '../../src/core/wire/decoded.ts';

export interface Codec<T> {
  readonly name: string;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Decoded<T>;
  readonly arbitrary: fc.Arbitrary<T>;
}

/** Registers the tests: round trip, stable bytes, one damaged byte, any bytes. */
export function holdCodec<T>(codec: Codec<T>): void {
  test(`${codec.name}: what is encoded decodes to an equal value`, () => {
    fc.assert(
      fc.property(codec.arbitrary, (value) => {
        assert.deepEqual(codec.decode(codec.encode(value)), { ok: true, value });
      }),
    );
  });

  test(`${codec.name}: a decoded value encodes to the same bytes`, () => {
    fc.assert(
      fc.property(codec.arbitrary, (value) => {
        const bytes = codec.encode(value);
        const decoded = codec.decode(bytes);
        assert.ok(decoded.ok);
        assert.deepEqual(codec.encode(decoded.value), bytes);
      }),
    );
  });

  test(`${codec.name}: damaged or shortened bytes give a value or a named fault, never a throw`, () => {
    fc.assert(
      fc.property(codec.arbitrary, fc.nat(), fc.nat({ max: 255 }), fc.nat(), (value, at, byte, cut) => {
        const bytes = codec.encode(value).slice();
        bytes[at % bytes.length] = byte;
        settles(codec, bytes.subarray(0, bytes.length - (cut % bytes.length)));
      }),
    );
  });

  test(`${codec.name}: any bytes give a value that survives a round trip, or a named fault`, () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => settles(codec, bytes)));
  });
}

function settles<T>(codec: Codec<T>, bytes: Uint8Array): void {
  const decoded = codec.decode(bytes);
  if (decoded.ok) assert.deepEqual(codec.decode(codec.encode(decoded.value)), decoded);
  else assert.match(decoded.error, /^[a-z0-9]+(-[a-z0-9]+)*$/);
}
