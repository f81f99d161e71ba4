import type { BuildInfo } from '../build-info.ts';
import type { Component } from './component.ts';

/** Whose work is in the image under which licence, and where its text is: one line each, for people. */
export function licenceList({ version }: BuildInfo, components: readonly Component[]): string {
  const rows = components
    .filter(({ type }) => type !== 'operating-system')
    .map((one) => [
      one.name,
      one.version,
      'names' in one.licence ? one.licence.names.join(', ') : one.licence.expression,
      one.texts.map((path) => `/${path}`).join(', ') || 'its package has no text',
    ]);
  const lines = [['NAME', 'VERSION', 'LICENCE', 'TEXT'], ...rows].map((row) => row.join('\t'));
  return [
    `Berth ${version} is under the Apache License, Version 2.0: /app/LICENSE in its image.`,
    'In the image is also the work of others, under the licences named here. Their texts are in the image',
    'at the paths in the last column. Columns are separated by tabs.',
    '',
    ...lines,
    '',
  ].join('\n');
}
