import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments, parseDocument, stringify } from 'yaml';
import { readYaml } from '../../src/plan/yaml/documents.ts';
import { readPlain } from '../../src/plan/yaml/plain.ts';

/** Where the fast reader answers, the library gives the same. */
function holdAgainstLibrary(text: string): boolean {
  const plain = readPlain(text);
  if (plain === undefined) return false;
  const document = parseDocument(text);
  assert.deepEqual(document.errors, [], `the library refuses what the fast reader took:\n${text}`);
  assert.deepEqual(plain.value, document.toJS(), text);
  return true;
}

test('what the library writes is read alike', () => {
  const key = fc.oneof(
    fc.constantFrom('a', 'kind', 'metallb.io/address-pool', 'null', 'true', '12', 'a b'),
    fc.string(),
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('yes', '0x1f', '1e3', '~', '- a', 'a: b', 'a #b', '|', 'a\nb\n'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
  }));
  let taken = 0;
  fc.assert(
    fc.property(value, (any) => {
      if (holdAgainstLibrary(stringify(any))) taken += 1;
    }),
    { numRuns: 1500 },
  );
  assert.ok(taken > 75, `the fast reader took ${taken}`);
});

test('lines put together at random are read alike, or left to the library', () => {
  const line = fc.constantFrom(
    'a:',
    'a: 1',
    '  b: x',
    '  - c',
    '- d',
    '-',
    '  - e: 1',
    '    f: "g"',
    "    h: 'i'",
    '  # j',
    'k: |',
    '    l',
    '',
    '  m: n # o',
    'p: {}',
    'q: []',
    '   r: s',
    '- - t',
    'u: v: w',
    'x: "y',
    'z: &a b',
    "b: ''",
    'c: -',
    'd: -1',
    'e: 0777',
    'f: 1_000',
    'a: 2',
    '\tg: 1',
    'h: .5',
    'i: 12.',
    'j: +1',
    'k: |-',
    '      deep',
    'l: ~',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      holdAgainstLibrary(lines.join('\n'));
    }),
    { numRuns: 4000 },
  );
});

test('every manifest of this project is read as the library reads it', () => {
  const files = globSync('{kustomize,flux,docs}/**/*.yaml');
  assert.ok(files.length > 30);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const whole = parseAllDocuments(text, { merge: true }).map((document) => document.toJS());
    assert.deepEqual(
      readYaml(text).documents.map(({ value }) => value),
      whole.filter((each) => each !== null),
      file,
    );
  }
});

test('a fault is told by its line, and the other documents are read', () => {
  const { documents, faults } = readYaml('a: 1\n---\nb: [1\n---\n# c\nd: 4\n');
  assert.deepEqual(
    documents.map(({ value }) => value),
    [{ a: 1 }, { d: 4 }],
  );
  assert.equal(faults[0]?.line, 4);
  assert.deepEqual(documents[1]?.place, { line: 6, column: 1 });
});

test('a field is found by its path, and an absent one by its nearest parent', () => {
  const text =
    'first: true\n---\nmetadata:\n  annotations:\n    metallb.io/address-pool: edge\nspec:\n  ports:\n    - port: 80\n    - port: 443\n';
  const [, document] = readYaml(text).documents;
  assert.equal(document?.locate('metadata.annotations[metallb.io/address-pool]').line, 5);
  assert.equal(document?.locate('spec.ports[1].port').line, 9);
  assert.equal(document?.locate('spec.loadBalancerIP').line, 6);
});
