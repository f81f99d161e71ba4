import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../core/api/kubernetes.ts';
import { keyOf, ObjectStore } from './object-store.ts';

const object = (name: string, uid: string, resourceVersion: string): KubeObject => ({
  metadata: { namespace: 'a', name, uid, resourceVersion },
});

describe('object store', () => {
  it('keeps quiet about a version that it knows', () => {
    const store = new ObjectStore();
    assert.equal(store.put(object('x', 'u', '1'))?.kind, 'added');
    assert.equal(store.put(object('x', 'u', '1')), undefined);
    assert.equal(store.put(object('x', 'u', '2'))?.kind, 'modified');
    assert.equal(store.remove('a/y'), undefined);
    assert.equal(store.remove('a/x')?.kind, 'deleted');
  });

  it('ends a complete list with exactly that list, by changes that say so', () => {
    const anObject = fc
      .record({
        name: fc.constantFrom('x', 'y', 'z', 'w'),
        uid: fc.constantFrom('1', '2'),
        version: fc.constantFrom('1', '2', '3'),
      })
      .map(({ name, uid, version }) => object(name, uid, version));
    const aList = fc.uniqueArray(anObject, { selector: keyOf });
    fc.assert(
      fc.property(aList, aList, (before, after) => {
        const store = new ObjectStore();
        store.replace(before);
        const replayed = new Map(store.objects);
        for (const change of store.replace(after)) {
          if (change.kind === 'deleted') replayed.delete(change.key);
          else replayed.set(change.key, change.object);
        }
        assert.deepEqual(new Map(after.map((each) => [keyOf(each), each])), store.objects);
        assert.deepEqual(replayed, store.objects);
      }),
    );
  });
});
