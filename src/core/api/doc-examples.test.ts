import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorsOf } from '../../../test/support/config-rows.ts';
import { examplesOf, pages } from '../../../test/support/doc-examples.ts';
import { faultsOf, withDefaults } from '../../../test/support/structural-check.ts';
import { isConfigKind, RAW_LIST } from '../config/kinds.ts';
import { EMPTY_RAW_CONFIGURATION, type RawConfiguration } from '../config/raw-configuration.ts';
import { validateObject } from '../config/validate.ts';
import { ALL_KINDS } from './all-kinds.ts';
import { rootSchema } from './custom-resource-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import type { StructuralSchema } from './structural-schema.ts';

function schemaOf(object: KubeObject): StructuralSchema {
  const [group, name] = (object.apiVersion ?? '').split('/');
  const kind = ALL_KINDS.find((each) => each.group === group && each.kind === object.kind);
  const version = kind?.versions.find((each) => each.name === name);
  assert.ok(kind !== undefined && version !== undefined, `${object.apiVersion} ${object.kind} is a kind of ours`);
  return rootSchema(kind, version);
}

/** The objects of one block, as a cluster would hold them. */
function asConfiguration(objects: readonly KubeObject[]): RawConfiguration {
  const lists: Record<string, KubeObject[]> = {};
  for (const object of objects) {
    const kind = object.kind ?? '';
    if (isConfigKind(kind)) lists[RAW_LIST[kind]] = [...(lists[RAW_LIST[kind]] ?? []), object];
  }
  return { ...EMPTY_RAW_CONFIGURATION, ...lists };
}

test('every kind has a page, and the index names it', () => {
  const index = readFileSync(new URL('../../../docs/kinds/README.md', import.meta.url), 'utf8');
  assert.deepEqual([...pages()].sort(), ALL_KINDS.map(({ singular }) => `${singular}.md`).sort());
  for (const { kind, singular } of ALL_KINDS) assert.ok(index.includes(`[${kind}](${singular}.md)`), kind);
});

test('every page goes from example over writing, working with and debugging to status', async (t) => {
  for (const file of pages()) {
    await t.test(file, () => {
      const text = readFileSync(new URL(`../../../docs/kinds/${file}`, import.meta.url), 'utf8');
      const headings = [...text.matchAll(/^## (\w+)/gm)].map((heading) => heading[1]);
      assert.deepEqual(headings, ['Example', 'Writing', 'Working', 'Debugging', 'Status']);
    });
  }
});

test('every example is taken by the schema, with its defaults, and by the parsers', async (t) => {
  for (const file of pages()) {
    const examples = examplesOf(file);
    assert.ok(examples.length > 0, `${file} has an example`);
    for (const { line, objects } of examples) {
      await t.test(`${file}:${line}`, () => {
        for (const object of objects) {
          const schema = schemaOf(object);
          const { status: _, ...written } = object as KubeObject & { status?: unknown };
          assert.deepEqual(faultsOf(schema, object), []);
          const stored = withDefaults(schema, written) as KubeObject;
          assert.deepEqual(faultsOf(schema, stored), []);
          const kind = object.kind ?? '';
          if (!isConfigKind(kind)) continue;
          for (const form of [written as KubeObject, stored]) {
            assert.deepEqual(errorsOf(validateObject(kind, form, asConfiguration(objects))), []);
          }
        }
      });
    }
  }
});
