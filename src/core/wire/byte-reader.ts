/** Takes fields off the front of bytes that a stranger sent; network order. */

/** After a field that isn't there whole, every further one reads as empty and `isWhole` stays false. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #isWhole = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether every field so far was there. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether nothing is left. */
  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The next `count` bytes, as a view; empty where there are fewer. */
  take(count: number): Uint8Array {
    if (!this.#isWhole || this.#offset + count > this.#bytes.length) {
      this.#isWhole = false;
      return new Uint8Array(0);
    }
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }

  /** An unsigned number of up to six bytes. */
  number(count: number): number {
    return this.take(count).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** ASCII text with its length in one byte before it; anything else than printable ASCII makes the reading not whole. */
  text(): string {
    const bytes = this.take(this.number(1));
    if (bytes.some((byte) => byte < 0x21 || byte > 0x7e)) this.#isWhole = false;
    return String.fromCharCode(...bytes);
  }
}

/** An unsigned number in `count` bytes, up to six. */
export function numberBytes(value: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let rest = value;
  for (let at = count - 1; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Text of up to 255 printable ASCII characters, its length before it. */
export function textBytes(text: string): Uint8Array {
  return Uint8Array.from([text.length, ...Array.from(text, (character) => character.charCodeAt(0))]);
}
