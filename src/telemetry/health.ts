/** Whether this process is alive and ready, and if not, why: asked by kubelet, read by people. */

/** Undefined: fine. Otherwise a sentence that says what is missing. */
export type Check = () => string | undefined;

export interface Finding {
  readonly name: string;
  /** Undefined: fine. */
  readonly why: string | undefined;
}

export class Health {
  readonly #live = new Map<string, Check>();
  readonly #ready = new Map<string, Check>();
  readonly #pages = new Map<string, () => unknown>();

  /** A check that fails means that only a restart can help. */
  addLiveness(name: string, check: Check): void {
    this.#live.set(name, check);
  }

  /** A check that fails keeps traffic and rollouts away until it passes. */
  addReadiness(name: string, check: Check): void {
    this.#ready.set(name, check);
  }

  /** Something that people and tools may read as JSON under a path of its own, such as `/failovers`. */
  addPage(path: string, read: () => unknown): void {
    this.#pages.set(path, read);
  }

  /** How to read what is under a path; undefined where nothing is. */
  page(path: string): (() => unknown) | undefined {
    return this.#pages.get(path);
  }

  liveness(): Finding[] {
    return ask(this.#live);
  }

  readiness(): Finding[] {
    return ask(this.#ready);
  }
}

function ask(checks: ReadonlyMap<string, Check>): Finding[] {
  return [...checks].map(([name, check]) => ({ name, why: check() }));
}

/** As the apiserver's own probes read: a line a check, and the verdict last. */
export function findingsText(title: string, findings: readonly Finding[]): string {
  const lines = findings.map(({ name, why }) => (why === undefined ? `[+]${name} ok` : `[-]${name}: ${why}`));
  const failed = findings.some(({ why }) => why !== undefined);
  return `${[...lines, `${title} check ${failed ? 'failed' : 'passed'}`].join('\n')}\n`;
}
