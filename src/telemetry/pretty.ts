/** A log line as a person reads it on a terminal. */

const colours: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 35 };
const shownBefore = new Set(['level', 'time', 'msg', 'component']);

/** Turns a JSON line of our schema into a readable one; what isn't JSON is passed on as it is. */
export function prettyLine(line: string, colour: boolean): string {
  if (!line.startsWith('{')) return line;
  const fields = JSON.parse(line) as Record<string, unknown>;
  const level = String(fields.level);
  const tint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const clock = String(fields.time).slice(11, 23);
  const keys = Object.entries(fields)
    .filter(([key]) => !shownBefore.has(key))
    .map(([key, value]) => `${tint(36, key)}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = `${tint(90, clock)} ${tint(colours[level] ?? 0, level.toUpperCase().padEnd(5))} ${String(fields.component)}: ${String(fields.msg)}`;
  return `${[head, ...keys].join(' ')}\n`;
}
