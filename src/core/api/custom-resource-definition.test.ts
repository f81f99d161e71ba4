import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { faultsOf, withDefaults } from '../../../test/support/structural-check.ts';
import { ALL_KINDS } from './all-kinds.ts';
import { customResourceDefinition, rootSchema } from './custom-resource-definition.ts';
import { definitionName } from './kind-definition.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** What client-side apply can keep in an annotation. */
const LARGEST_ANNOTATION = 262_144;

test('what is checked in is what the sources give', () => {
  const script = fileURLToPath(new URL('../../../scripts/generate-crds.ts', import.meta.url));
  assert.equal(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' }), '');
});

test('every definition', async (t) => {
  for (const kind of ALL_KINDS) {
    const definition = customResourceDefinition(kind);
    await t.test(`${definitionName(kind)} is small enough for client-side apply`, () => {
      assert.ok(JSON.stringify(definition).length < LARGEST_ANNOTATION / 4);
    });
    await t.test(`${definitionName(kind)} stores one version, and has a status`, () => {
      assert.equal(kind.versions.filter(({ storage }) => storage).length, 1);
      for (const version of kind.versions) assert.equal(rootSchema(kind, version).properties?.status?.type, 'object');
    });
    await t.test(
      `${definitionName(kind)} is structural: each node has a type and a sentence for kubectl explain`,
      () => {
        for (const version of kind.versions) {
          for (const [path, schema] of nodesOf(rootSchema(kind, version))) {
            assert.ok(schema.type !== undefined, path);
            assert.ok(
              path.endsWith('[]') ||
                path.endsWith('{}') ||
                path === '.metadata' ||
                path === '.status' ||
                path.endsWith('.status') ||
                schema.description !== undefined,
              `${path} has a description`,
            );
            if (schema.required !== undefined) {
              for (const key of schema.required) assert.ok(schema.properties?.[key] !== undefined, `${path}.${key}`);
            }
          }
        }
      },
    );
    await t.test(`${definitionName(kind)} has defaults that its schema takes`, () => {
      for (const version of kind.versions) {
        for (const [path, schema] of nodesOf(rootSchema(kind, version))) {
          if (schema.default !== undefined) assert.deepEqual(faultsOf(schema, schema.default, path), []);
        }
      }
    });
  }
});

test('numbers of 32 bits without sign never have a format that an apiserver would cut', () => {
  for (const kind of ALL_KINDS) {
    for (const version of kind.versions) {
      for (const [path, schema] of nodesOf(rootSchema(kind, version))) {
        if ((schema.maximum ?? 0) > 2 ** 31) assert.equal(schema.format, 'int64', `${kind.kind}${path}`);
      }
    }
  }
});

test('defaults are those that users of MetalLB know', async (t) => {
  const rows: readonly [kind: string, version: string, spec: object, defaulted: object][] = [
    ['IPAddressPool', 'v1beta1', { addresses: [] }, { addresses: [], autoAssign: true, avoidBuggyIPs: false }],
    ['BGPAdvertisement', 'v1beta1', {}, { aggregationLength: 32, aggregationLengthV6: 128 }],
    ['BGPPeer', 'v1beta2', { myASN: 1 }, { myASN: 1, peerPort: 179, disableMP: false, dualStackAddressFamily: false }],
    ['L2Advertisement', 'v1beta1', {}, {}],
    // A default would state what the author left to the next policy.
    ['AddressPolicy', 'v1alpha1', {}, {}],
  ];
  for (const [name, versionName, spec, defaulted] of rows) {
    await t.test(name, () => {
      const kind = ALL_KINDS.find((each) => each.kind === name);
      const version = kind?.versions.find((each) => each.name === versionName);
      assert.ok(kind !== undefined && version !== undefined);
      assert.deepEqual(withDefaults(rootSchema(kind, version), { spec }), { spec: defaulted });
    });
  }
});

function* nodesOf(schema: StructuralSchema, path = ''): Generator<readonly [string, StructuralSchema]> {
  yield [path || '.', schema];
  for (const [key, child] of Object.entries(schema.properties ?? {})) yield* nodesOf(child, `${path}.${key}`);
  if (schema.items !== undefined) yield* nodesOf(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) yield* nodesOf(schema.additionalProperties, `${path}{}`);
}
