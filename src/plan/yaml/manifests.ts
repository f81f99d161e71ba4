/** The objects of one file, with the lines they stand on. */
import { isJsonObject, ownField } from '../../core/config/fields.ts';
import { headOf, isObject, type Location, type Manifest, type SourceProblem } from '../manifest.ts';
import { readYaml, type YamlDocument } from './documents.ts';

export interface FileContent {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly SourceProblem[];
  /** Documents that are no objects of Kubernetes: values files, settings of tools. */
  readonly others: readonly YamlDocument[];
}

/** Reads a file of YAML or JSON; lists (`kind: List`) are opened. */
export function manifestsOf(file: string, text: string): FileContent {
  const { documents, faults } = readYaml(text);
  const manifests: Manifest[] = [];
  const others: YamlDocument[] = [];
  for (const document of documents) {
    if (!isObject(document.value)) others.push(document);
    else manifests.push(...opened(file, document, document.value, ''));
  }
  return {
    manifests,
    others,
    problems: faults.map(({ line, column, message }) => ({
      severity: 'error',
      rule: 'broken-yaml',
      at: { file, line, column },
      message: `is no YAML: ${message}; correct the line`,
    })),
  };
}

function opened(file: string, document: YamlDocument, value: unknown, path: string): readonly Manifest[] {
  if (!isJsonObject(value)) return [];
  const head = headOf(value);
  const items = ownField(value, 'items');
  if (head.kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item: unknown, index) => opened(file, document, item, join(path, `items[${index}]`)));
  }
  const locate = (inner: string): Location => ({ file, ...document.locate(join(path, inner)) });
  return [
    {
      ...head,
      object: value,
      get at() {
        return path === '' ? { file, ...document.place } : locate('');
      },
      locate,
    },
  ];
}

function join(path: string, inner: string): string {
  if (path === '') return inner;
  return inner === '' ? path : `${path}.${inner}`;
}
