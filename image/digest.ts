import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** A content's name in an OCI layout: "sha256:" and 64 hex digits. */
export type Digest = `sha256:${string}`;

export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** A name for what is made of this content, in a cache: 16 hex digits. */
export function cacheKey(content: Uint8Array | string): string {
  return hexOf(digestOf(content)).slice(0, 16);
}

/** Passes bytes on unchanged and tells, once they have all gone by, their digest and number. */
export class DigestMeter extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #digest: Digest | undefined;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
    done(null, chunk);
  }

  result(): { readonly digest: Digest; readonly bytes: number } {
    this.#digest ??= `sha256:${this.#hash.digest('hex')}`;
    return { digest: this.#digest, bytes: this.#bytes };
  }
}
