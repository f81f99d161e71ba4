import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyMac, ipv4, ipv6 } from '../../../test/wire/arbitraries.ts';
import type { Result } from '../result.ts';
import {
  decodeSpeakerMessage,
  encodeSpeakerMessage,
  type SpeakerBody,
  type SpeakerMessage,
} from './speaker-message.ts';

const plain = { noNullPrototype: true };
const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,62}$/);
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const uint48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const uint16 = fc.nat({ max: 65_535 });

const body: fc.Arbitrary<SpeakerBody> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('beat' as const),
      version: uint32,
      wantsAnswer: fc.boolean(),
      isJoining: fc.boolean(),
      links: fc.array(fc.record({ name, mac: anyMac }, plain), { maxLength: 5 }),
    },
    plain,
  ),
  fc.record(
    {
      kind: fc.constant('records' as const),
      version: uint32,
      part: uint16,
      parts: uint16,
      records: fc.array(fc.record({ address: fc.oneof(ipv4, ipv6), owner: name, epoch: uint32 }, plain), {
        maxLength: 20,
      }),
    },
    plain,
  ),
  fc.record({ kind: fc.constantFrom('ask-records' as const, 'goodbye' as const) }, plain),
  fc.record({ kind: fc.constant('suspect' as const), node: name }, plain),
  fc.record({ kind: fc.constant('heard' as const), node: name, agoMs: uint32 }, plain),
  fc.record({ kind: fc.constantFrom('death' as const, 'stale' as const), node: name, incarnation: uint48 }, plain),
);

const message: fc.Arbitrary<SpeakerMessage> = fc.record(
  { sender: name, incarnation: uint48, counter: uint48, body },
  plain,
);

test('speaker message: what is encoded decodes to an equal value, and encodes to the same bytes again', () => {
  fc.assert(
    fc.property(message, (value) => {
      const bytes = encodeSpeakerMessage(value);
      const decoded = decodeSpeakerMessage(bytes);
      assert.deepEqual(decoded, { ok: true, value });
      assert.ok(decoded.ok);
      assert.deepEqual(encodeSpeakerMessage(decoded.value), bytes);
    }),
  );
});

function settles(decoded: Result<SpeakerMessage, string>): void {
  if (!decoded.ok) assert.match(decoded.error, /^[a-z-]+$/);
}

test('speaker message: damaged, cut or invented bytes give a value or a named fault', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat({ max: 255 }), fc.nat(), (value, at, byte, cut) => {
      const bytes = encodeSpeakerMessage(value).slice();
      bytes[at % bytes.length] = byte;
      settles(decodeSpeakerMessage(bytes.subarray(0, bytes.length - (cut % bytes.length))));
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => settles(decodeSpeakerMessage(bytes))));
});

const GOODBYE = encodeSpeakerMessage({ sender: 'n1', incarnation: 1, counter: 2, body: { kind: 'goodbye' } });

const FAULTS: readonly (readonly [string, Uint8Array, string])[] = [
  ['no bytes', new Uint8Array(0), 'truncated'],
  ['another protocol', GOODBYE.with(0, 0x62), 'foreign-protocol'],
  ['another version', GOODBYE.with(4, 2), 'foreign-version'],
  ['an unknown kind', GOODBYE.with(5, 99), 'unknown-message'],
  ['bytes behind the end', new Uint8Array([...GOODBYE, 0]), 'length-mismatch'],
  ['a name with a control character', GOODBYE.with(19, 7), 'truncated'],
  ['a name longer than the message', GOODBYE.with(18, 200), 'truncated'],
];

for (const [what, bytes, fault] of FAULTS) {
  test(`speaker message refuses: ${what}`, () => {
    assert.deepEqual(decodeSpeakerMessage(bytes), { ok: false, error: fault });
  });
}
