/** What Berth reads of any object's metadata, whatever was written there. */
import type { Labels } from '../api/kubernetes.ts';
import { isJsonObject, ownField } from './fields.ts';

export interface Metadata {
  readonly namespace: string;
  /** '' where the object has no usable name. */
  readonly name: string;
  readonly uid: string;
  /** RFC 3339; '' for an object that isn't created yet. */
  readonly createdAt: string;
  /** 0 where absent. */
  readonly generation: number;
  readonly deleting: boolean;
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Total: what is absent or of a wrong type reads as '' or empty. */
export function readMetadata(object: unknown): Metadata {
  const metadata = ownField(object, 'metadata');
  const text = (key: string): string => {
    const value = ownField(metadata, key);
    return typeof value === 'string' ? value : '';
  };
  const generation = ownField(metadata, 'generation');
  return {
    namespace: text('namespace'),
    name: text('name'),
    uid: text('uid'),
    createdAt: text('creationTimestamp'),
    generation: typeof generation === 'number' ? generation : 0,
    deleting: text('deletionTimestamp') !== '',
    labels: textMap(ownField(metadata, 'labels')),
    annotations: textMap(ownField(metadata, 'annotations')),
  };
}

/** The entries whose value is text. Read other people's keys with `Object.hasOwn`. */
function textMap(value: unknown): Labels {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (typeof each === 'string' ? [[key, each] as const] : [])),
  );
}
