import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUniqueTemplate, renderHostname } from './hostname-template.ts';

const web = { name: 'web', namespace: 'team-a', pool: 'edge', category: 'ingress' };

test('templates are filled with the words of a Service', async (t) => {
  const rows: readonly [template: string, name: string][] = [
    ['{name}.{namespace}.example.com', 'web.team-a.example.com'],
    ['{name}-{category}.{pool}.example.com', 'web-ingress.edge.example.com'],
    ['*.{name}.{namespace}.example.com', '*.web.team-a.example.com'],
    ['fixed.example.com', 'fixed.example.com'],
  ];
  for (const [template, name] of rows) {
    await t.test(template, () => assert.deepEqual(renderHostname(template, web), { ok: true, value: name }));
  }
});

test('templates that give no DNS name are refused', async (t) => {
  const rows: readonly [name: string, template: string, message: RegExp][] = [
    ['an unknown variable', '{service}.example.com', /\{service\}, which is no variable/],
    ['an inherited word as variable', '{constructor}.example.com', /no variable/],
    ['a brace left open', '{name.example.com', /no DNS label/],
    ['a brace too many', '{name}}.example.com', /no DNS label/],
    ['an empty part', '{name}..example.com', /empty part/],
    ['a dot at the end', '{name}.example.com.', /empty part/],
    ['an underscore', '{name}_x.example.com', /no DNS label/],
    ['capitals', '{name}.Example.com', /no DNS label/],
    ['a star inside', '{name}.*.example.com', /no DNS label/],
    ['a label that grows too long', `${'x'.repeat(62)}{name}.example.com`, /no DNS label/],
    ['a name that grows too long', `${'{namespace}.'.repeat(20)}${'abcdefghi.'.repeat(20)}com`, /longer than/],
    ['a template that is too long', 'x'.repeat(300), /longer than the 253/],
    ['a line break', '{name}\n.example.com', /"web\\n"/],
  ];
  for (const [name, template, message] of rows) {
    await t.test(name, () => {
      const read = renderHostname(template, web);
      assert.ok(!read.ok);
      assert.match(read.error, message);
    });
  }
});

test('only name and namespace together make a name unique', () => {
  assert.equal(isUniqueTemplate('{name}.{namespace}.example.com'), true);
  assert.equal(isUniqueTemplate('{name}.example.com'), false);
  assert.equal(isUniqueTemplate('{namespace}.{pool}.example.com'), false);
});
