/** A configuration problem or a malformed wish, in one sentence. */
import type { Problem } from '../config/problem.ts';
import { field, quote } from './text.ts';

/** `spec.addresses[0] "10.0.0": is no range; write …`, without a full stop. */
export function problemSentence({ path, value, message, remedy }: Problem): string {
  const named = value === '' ? field(path) : `${field(path)} ${quote(value)}`;
  return `${named} ${message}; ${remedy}`;
}
