import { type Figure, round } from './figure.ts';

/** One line a figure, columns as wide as they must be. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'unit', 'berth (min–max)', 'floor', 'peers', 'goal', ''],
    ...figures.map((figure) => [
      figure.name,
      figure.unit,
      `${round(figure.berth.median)} (${round(figure.berth.min)}–${round(figure.berth.max)})`,
      figure.floor === undefined ? '' : String(round(figure.floor)),
      Object.entries(figure.peers)
        .map(([name, value]) => `${name} ${round(value)}`)
        .join(', '),
      figure.goal,
      figure.met ? 'met' : 'NOT MET',
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
