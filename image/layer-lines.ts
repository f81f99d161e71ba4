import type { Layer } from './layer.ts';

/** The size of each layer and of all, for people. */
export function layerLines(layers: readonly Layer[]): string {
  const sum = (field: 'bytes' | 'tarBytes') => layers.reduce((total, layer) => total + layer[field], 0);
  const rows = [...layers, { title: 'in all', bytes: sum('bytes'), tarBytes: sum('tarBytes') }];
  return rows
    .map(({ title, bytes, tarBytes }) => `  ${megabytes(bytes)} (${megabytes(tarBytes)} unpacked)  ${title}`)
    .join('\n');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
}
