/** Which speakers live, and who among them watches whom. */
import type { Millis } from '../time.ts';
import { ringOf, watchedBy, watchersOf } from './ring.ts';

export class Living {
  readonly #node: string;
  readonly #alive: Set<string>;
  #changedAt: Millis;
  /** Made when it is asked for: at a start hundreds come at once. */
  #ring: Ring | undefined;
  #watched: ReadonlySet<string> = new Set();

  constructor(node: string, now: Millis) {
    this.#node = node;
    this.#alive = new Set([node]);
    this.#changedAt = now;
  }

  /** This node included. */
  get all(): ReadonlySet<string> {
    return this.#alive;
  }

  /** Since when nobody came or went. */
  get changedAt(): Millis {
    return this.#changedAt;
  }

  set(node: string, isAlive: boolean, now: Millis): void {
    if (this.#alive.has(node) === isAlive) return;
    if (isAlive) this.#alive.add(node);
    else this.#alive.delete(node);
    this.#changedAt = now;
    this.#ring = undefined;
  }

  /** Who watches this node. */
  get watchers(): readonly string[] {
    return this.#rings().watchers;
  }

  /** Other nodes than this one that watch a node. */
  otherWatchersOf(node: string): readonly string[] {
    return watchersOf(this.#rings().order, node).filter((each) => each !== this.#node);
  }

  /** Whom this node watches; `onNew` is told of those that it has not watched before. */
  watched(onNew: (node: string) => void): ReadonlySet<string> {
    const { watched } = this.#rings();
    if (watched === this.#watched) return watched;
    for (const node of watched) if (!this.#watched.has(node)) onNew(node);
    this.#watched = watched;
    return watched;
  }

  #rings(): Ring {
    if (this.#ring !== undefined) return this.#ring;
    const order = ringOf(this.#alive);
    const watched = new Set(watchedBy(order, this.#node));
    this.#ring = { order, watchers: watchersOf(order, this.#node), watched };
    return this.#ring;
  }
}

interface Ring {
  readonly order: readonly string[];
  /** Who watches this node, and whom it watches. */
  readonly watchers: readonly string[];
  readonly watched: ReadonlySet<string>;
}
