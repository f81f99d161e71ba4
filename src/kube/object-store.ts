/** The objects of one kind as last seen, and what changed from one sight to the next. */
import type { KubeObject } from '../core/api/kubernetes.ts';

export type Change<T extends KubeObject> =
  | { readonly kind: 'added'; readonly key: string; readonly object: T }
  | { readonly kind: 'modified'; readonly key: string; readonly object: T; readonly previous: T }
  | { readonly kind: 'deleted'; readonly key: string; readonly previous: T };

/** `namespace/name`, or `name` for what has no namespace. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();

  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  /** Takes in an object as now stored; undefined where this very version is known already. */
  put(object: T): Change<T> | undefined {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous !== undefined && isSameVersion(previous, object)) return undefined;
    this.#objects.set(key, object);
    return previous === undefined ? { kind: 'added', key, object } : { kind: 'modified', key, object, previous };
  }

  /** Forgets an object; undefined where it wasn't known. */
  remove(key: string): Change<T> | undefined {
    const previous = this.#objects.get(key);
    if (previous === undefined) return undefined;
    this.#objects.delete(key);
    return { kind: 'deleted', key, previous };
  }

  /**
   * Takes in a complete list: what isn't in it is gone, though no event said so.
   * Deletions come first, so that what they free can be given to what is new.
   */
  replace(objects: readonly T[]): Change<T>[] {
    const present = new Set(objects.map(keyOf));
    const changes: Change<T>[] = [];
    for (const key of [...this.#objects.keys()]) {
      const gone = present.has(key) ? undefined : this.remove(key);
      if (gone !== undefined) changes.push(gone);
    }
    for (const object of objects) {
      const change = this.put(object);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }
}

function isSameVersion(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion;
}
