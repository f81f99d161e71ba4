import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Figure } from './figure.ts';

/** Writes figures to a JSON file; those of the same name are replaced, others stay as they were measured before. */
export function keepResults(file: string, figures: readonly Figure[]): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Figure[]) : [];
  const names = new Set(figures.map(({ name }) => name));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify([...before.filter(({ name }) => !names.has(name)), ...figures], null, 2)}\n`);
}
