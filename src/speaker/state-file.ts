/** The file that a speaker's state is kept in: whole or not at all, and for nobody else's eyes. */
import { open, readFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'state.json';
/** The keys of the speakers are in it. */
const OWNER_ONLY = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

export type ReadState =
  | { readonly kind: 'text'; readonly text: string; readonly ageMs: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly reason: string };

export class StateFile {
  readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, NAME);
  }

  async read(): Promise<ReadState> {
    try {
      const { mode, mtimeMs } = await stat(this.path);
      if ((mode & WRITABLE_BY_OTHERS) !== 0) return { kind: 'unusable', reason: 'others may write to it' };
      const text = await readFile(this.path, 'utf8');
      return { kind: 'text', text, ageMs: Math.max(0, Date.now() - mtimeMs) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'absent' };
      return { kind: 'unusable', reason: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  }

  /**
   * Replaces what is there in one step: a crash leaves the old text or the new
   * one. `asOf`: when it was true, in ms since 1970; it becomes the file's time.
   *
   * @throws where the folder can't be written.
   */
  async write(text: string, asOf: number): Promise<void> {
    const draft = `${this.path}.new`;
    const file = await open(draft, 'w', OWNER_ONLY);
    try {
      // One that a crash left behind keeps its own mode.
      await file.chmod(OWNER_ONLY);
      await file.writeFile(text);
      await file.utimes(asOf / 1000, asOf / 1000);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
  }

  /** What is there is still so, as of a time. */
  async confirm(asOf: number): Promise<void> {
    await utimes(this.path, asOf / 1000, asOf / 1000);
  }
}
