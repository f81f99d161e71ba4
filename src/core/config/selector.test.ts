import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSelector, matches, parseSelector } from './selector.ts';

const PATH = 'spec.selector';

function selectorOf(value: unknown) {
  const { selector, problems } = parseSelector(value, PATH);
  assert.deepEqual(problems, []);
  assert.ok(selector !== undefined);
  return selector;
}

test('selectors match as in Kubernetes', async (t) => {
  const expressions = (...matchExpressions: object[]) => ({ matchExpressions });
  const prod = { key: 'env', operator: 'In', values: ['prod', 'stage'] };
  const notProd = { key: 'env', operator: 'NotIn', values: ['prod'] };
  const exists = { key: 'env', operator: 'Exists' };
  const absent = { key: 'env', operator: 'DoesNotExist' };
  const rows: readonly [
    name: string,
    selector: object,
    labels: Record<string, string> | undefined,
    matched: boolean,
  ][] = [
    ['the empty selector takes everything', {}, {}, true],
    ['the empty selector takes nothing unknown', {}, undefined, false],
    ['an equal label', { matchLabels: { env: 'prod' } }, { env: 'prod' }, true],
    ['another value', { matchLabels: { env: 'prod' } }, { env: 'dev' }, false],
    ['an absent label', { matchLabels: { env: 'prod' } }, {}, false],
    ['an empty value is a value', { matchLabels: { env: '' } }, { env: '' }, true],
    ['one of two labels is not enough', { matchLabels: { a: '1', b: '2' } }, { a: '1' }, false],
    ['In takes any of the values', expressions(prod), { env: 'stage' }, true],
    ['In takes no other', expressions(prod), { env: 'dev' }, false],
    ['NotIn takes other values', expressions(notProd), { env: 'dev' }, true],
    ['NotIn takes an absent label', expressions(notProd), {}, true],
    ['NotIn does not take the value', expressions(notProd), { env: 'prod' }, false],
    ['Exists takes any value', expressions(exists), { env: '' }, true],
    ['Exists needs the label', expressions(exists), {}, false],
    ['DoesNotExist takes its absence', expressions(absent), {}, true],
    ['DoesNotExist does not take the label', expressions(absent), { env: 'x' }, false],
    ['labels and expressions must all hold', { matchLabels: { a: '1' }, ...expressions(exists) }, { a: '1' }, false],
    ['an inherited property is no label', expressions({ key: 'constructor', operator: 'Exists' }), {}, false],
  ];
  for (const [name, selector, labels, matched] of rows) {
    await t.test(name, () => assert.equal(matches(selectorOf(selector), labels), matched));
  }
});

test('malformed selectors select nothing and say why', async (t) => {
  const expression = (each: object) => ({ matchExpressions: [each] });
  const rows: readonly [name: string, selector: unknown, path: string, message: RegExp][] = [
    ['no object', 'env=prod', PATH, /must be a label selector/],
    ['nothing', undefined, PATH, /must be a label selector/],
    ['a list', [], PATH, /must be a label selector/],
    ['labels in a list', { matchLabels: ['a'] }, `${PATH}.matchLabels`, /must be an object/],
    ['a number as value', { matchLabels: { env: 1 } }, `${PATH}.matchLabels.env`, /no valid label value/],
    ['a bad key', { matchLabels: { 'a b': 'x' } }, `${PATH}.matchLabels[a b]`, /no valid label key/],
    [
      'a key that pollutes prototypes',
      JSON.parse('{"matchLabels":{"__proto__":"x"}}'),
      `${PATH}.matchLabels[__proto__]`,
      /no valid label key/,
    ],
    ['expressions that are no list', { matchExpressions: {} }, `${PATH}.matchExpressions`, /must be a list/],
    [
      'an expression that is no object',
      { matchExpressions: ['x'] },
      `${PATH}.matchExpressions[0]`,
      /must be an object/,
    ],
    ['no key', expression({ operator: 'Exists' }), `${PATH}.matchExpressions[0].key`, /no valid label key/],
    ['no operator', expression({ key: 'a', values: ['x'] }), `${PATH}.matchExpressions[0].operator`, /must be one of/],
    [
      'an unknown operator',
      expression({ key: 'a', operator: 'Equals', values: ['x'] }),
      `${PATH}.matchExpressions[0].operator`,
      /must be one of/,
    ],
    [
      'an operator in lower case',
      expression({ key: 'a', operator: 'in', values: ['x'] }),
      `${PATH}.matchExpressions[0].operator`,
      /must be one of/,
    ],
    [
      'an operator of node affinity',
      expression({ key: 'a', operator: 'Gt', values: ['1'] }),
      `${PATH}.matchExpressions[0].operator`,
      /must be one of/,
    ],
    [
      'In without values',
      expression({ key: 'a', operator: 'In' }),
      `${PATH}.matchExpressions[0].values`,
      /needs at least one value/,
    ],
    [
      'NotIn with no values',
      expression({ key: 'a', operator: 'NotIn', values: [] }),
      `${PATH}.matchExpressions[0].values`,
      /needs at least one value/,
    ],
    [
      'Exists with values',
      expression({ key: 'a', operator: 'Exists', values: ['x'] }),
      `${PATH}.matchExpressions[0].values`,
      /takes no values/,
    ],
    [
      'a value twice',
      expression({ key: 'a', operator: 'In', values: ['x', 'x'] }),
      `${PATH}.matchExpressions[0].values[1]`,
      /twice/,
    ],
    [
      'a value too long',
      expression({ key: 'a', operator: 'In', values: ['x'.repeat(64)] }),
      `${PATH}.matchExpressions[0].values[0]`,
      /no valid label value/,
    ],
    [
      'an expression twice',
      {
        matchExpressions: [
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'Exists' },
        ],
      },
      `${PATH}.matchExpressions[1]`,
      /twice/,
    ],
  ];
  for (const [name, value, path, message] of rows) {
    await t.test(name, () => {
      const { selector, problems } = parseSelector(value, PATH);
      assert.equal(selector, undefined);
      const error = problems.find((problem) => problem.severity === 'error');
      assert.equal(error?.path, path);
      assert.match(error?.message ?? '', message);
      assert.notEqual(error?.remedy, '');
    });
  }
});

test('a selector is written as kubectl -l takes it, whatever the order', () => {
  const selector = selectorOf({
    matchLabels: { b: '2', a: '1' },
    matchExpressions: [
      { key: 'c', operator: 'NotIn', values: ['y', 'x'] },
      { key: 'd', operator: 'DoesNotExist' },
      { key: 'e', operator: 'Exists' },
      { key: 'f', operator: 'In', values: ['z', 'y'] },
    ],
  });
  assert.equal(formatSelector(selector), '!d,a=1,b=2,c notin (x,y),e,f in (y,z)');
  assert.equal(formatSelector(selectorOf({})), 'everything');
});
