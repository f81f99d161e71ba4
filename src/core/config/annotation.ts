/** Annotations that are read under MetalLB's current prefix and under its legacy one. */
import type { Labels } from '../api/kubernetes.ts';
import type { Report } from './report.ts';
import { showValue } from './show.ts';

export interface FoundAnnotation {
  readonly value: string;
  readonly path: string;
}

/** How problems and refusals name an annotation. */
export function annotationPath(key: string): string {
  return `metadata.annotations[${key}]`;
}

/**
 * The value under the current key, else under the legacy one; undefined where
 * neither has any text. Warns where both are given and differ (the current one
 * is taken), of the legacy key, and of an annotation without text: a template
 * variable that nobody defined turns a pinned address into an automatic one.
 */
export function readAnnotation(
  annotations: Labels,
  current: string,
  legacy: string,
  report: Report,
): FoundAnnotation | undefined {
  const fresh = textOf(annotations, current, report);
  const old = textOf(annotations, legacy, report);
  if (old !== undefined && fresh !== undefined && old !== fresh) {
    const message = `differs from ${current}, which says "${showValue(fresh)}" and is taken`;
    report.warn(annotationPath(legacy), old, message, `remove ${legacy}`);
  } else if (old !== undefined && fresh === undefined) {
    const message = 'has the legacy prefix; it is read as before';
    report.warn(annotationPath(legacy), old, message, `write ${current} when you next edit the Service`);
  }
  if (fresh !== undefined) return { value: fresh, path: annotationPath(current) };
  return old === undefined ? undefined : { value: old, path: annotationPath(legacy) };
}

function textOf(annotations: Labels, key: string, report: Report): string | undefined {
  const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  if (value === undefined || value.trim() !== '') return value;
  report.warn(annotationPath(key), value, 'is empty and counts as absent', 'write a value, or remove the annotation');
  return undefined;
}
