/** A configuration problem or a malformed wish, in one sentence. */
import type { Problem } from '../config/problem.ts';
import { field, quote } from './text.ts';

/** `spec.addresses[0] "10.0.0" is no range; write …`, without a full stop. */
export function problemSentence({ path, value, message, remedy }: Problem): string {
  const named = value === '' ? field(path) : `${field(path)} ${quote(value)}`;
  return `${named}${goesOn(message) ? '' : ':'} ${message}; ${remedy}`;
}

/** A message that begins with a verb goes on from the name of its field; another one is a sentence of its own. */
function goesOn(message: string): boolean {
  return VERB.test(message);
}

const VERB =
  /^(is|are|isn't|has|have|must|can't|asks|belongs|covers|differs|gives|holds|lacks|lets|lies|limits|matches|names|needs|overlaps|repeats|says|selects|states|takes|wants|would)\b/;
