/** Cuts a stream of bytes into lines: watches are one JSON document a line. */
export class LineSplitter {
  /** Pieces of a line whose end hasn't come. */
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  readonly #longestLine: number;

  /** @param longestLine bytes; a longer line throws (etcd holds no object over some MB). */
  constructor(longestLine = 64 * 1024 * 1024) {
    this.#longestLine = longestLine;
  }

  /** Calls `emit` with each line that ends in this chunk, without its newline; empty lines are left out. */
  push(chunk: Buffer, emit: (line: string) => void): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line =
        this.#pieces.length === 0 ? chunk.toString('utf8', start, end) : this.#join(chunk.subarray(start, end));
      start = end + 1;
      if (line !== '') emit(line);
    }
    if (start < chunk.length) {
      this.#pieces.push(start === 0 ? chunk : chunk.subarray(start));
      this.#waiting += chunk.length - start;
      if (this.#waiting > this.#longestLine) throw new Error(`a line of more than ${this.#longestLine} bytes`);
    }
  }

  #join(last: Uint8Array): string {
    const line = Buffer.concat([...this.#pieces, last]).toString('utf8');
    this.#pieces = [];
    this.#waiting = 0;
    return line;
  }
}
