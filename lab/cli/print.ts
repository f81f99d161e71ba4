/** Writes a result to standard output; progress goes to standard error. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
