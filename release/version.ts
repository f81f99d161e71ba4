/** Semantic versions that are image tags too: without "v" and without build metadata ("+"). */
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** @throws Error where it isn't one, with the form wanted. */
export function parseVersion(text: string): string {
  if (!VERSION.test(text)) {
    throw new Error(`Cannot release version "${text}": not a semantic version; write it as 1.2.3 or 1.2.3-rc.1`);
  }
  return text;
}
