/** Keeps the nftables table of `core/l2/unmatched-port.ts` in the kernel. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renderUnmatchedPortFilter } from '../core/l2/unmatched-port.ts';
import type { Address } from '../core/net/address.ts';

const LONGEST_RUN_MS = 10_000;

export class UnmatchedPortFilter {
  readonly #command: readonly string[];
  readonly #onTrouble: (reason: string | undefined) => void;
  #installed = '';
  #wanted: readonly Address[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param onTrouble Why the table isn't as wanted, at each change of that; undefined: it is.
   * @param command How `nft` is called; tests run it in a namespace.
   */
  constructor(onTrouble: (reason: string | undefined) => void, command: readonly string[] = ['nft']) {
    this.#onTrouble = onTrouble;
    this.#command = command;
  }

  /** Has the table cover exactly these addresses. Calls that come while one runs are done as one. */
  async apply(addresses: readonly Address[]): Promise<void> {
    this.#wanted = addresses;
    this.#running ??= this.#settle().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #settle(): Promise<void> {
    for (;;) {
      const text = renderUnmatchedPortFilter(this.#wanted);
      if (text === this.#installed) return;
      const trouble = await this.#load(text);
      this.#onTrouble(trouble);
      // A refusal would only repeat itself; the next change of addresses tries again.
      if (trouble !== undefined) return;
      this.#installed = text;
    }
  }

  async #load(text: string): Promise<string | undefined> {
    const [program = 'nft', ...args] = this.#command;
    const child = spawn(program, [...args, '-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'], timeout: LONGEST_RUN_MS });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      complaint += part;
    });
    // EPIPE where nft ended early: its exit says more.
    child.stdin.on('error', () => undefined).end(text);
    try {
      const [code] = (await once(child, 'close')) as [number | null];
      return code === 0 ? undefined : `nft ended with code ${code}: ${complaint.trim().slice(0, 300)}`;
    } catch (error) {
      return `nft can't be run: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
