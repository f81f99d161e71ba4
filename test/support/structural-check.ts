/** Checks a value against a CustomResourceDefinition's schema, and fills defaults, as the apiserver does (CEL rules apart). */
import type { StructuralSchema } from '../../src/core/api/structural-schema.ts';

type Json = Readonly<Record<string, unknown>>;

/** Faults, one sentence each; an unknown field is one too, as under strict field validation. */
export function faultsOf(schema: StructuralSchema, value: unknown, path = ''): readonly string[] {
  const own = [...typeFaults(schema, value), ...boundFaults(schema, value)].map((fault) => `${path || '.'}: ${fault}`);
  return own.length > 0 ? own : innerFaults(schema, value, path);
}

function typeFaults(schema: StructuralSchema, value: unknown): readonly string[] {
  const matches: Readonly<Record<StructuralSchema['type'], boolean>> = {
    object: isObject(value),
    array: Array.isArray(value),
    string: typeof value === 'string',
    integer: Number.isInteger(value),
    boolean: typeof value === 'boolean',
  };
  return matches[schema.type] ? [] : [`is no ${schema.type}`];
}

function boundFaults(schema: StructuralSchema, value: unknown): readonly string[] {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
  const number = typeof value === 'number' ? value : undefined;
  const checks: readonly [fault: string, found: boolean][] = [
    ['is none of the words', schema.enum !== undefined && !schema.enum.includes(value as string)],
    ['is below the minimum', number !== undefined && number < (schema.minimum ?? number)],
    ['is above the maximum', number !== undefined && number > (schema.maximum ?? number)],
    ['is too short', size !== undefined && size < (schema.minLength ?? schema.minItems ?? 0)],
    ['is too long', size !== undefined && size > (schema.maxLength ?? schema.maxItems ?? size)],
    ['is no date-time', schema.format === 'date-time' && Number.isNaN(Date.parse(String(value)))],
  ];
  return checks.filter(([, found]) => found).map(([fault]) => fault);
}

function innerFaults(schema: StructuralSchema, value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((each, index) => faultsOf(items, each, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const missing = (schema.required ?? [])
    .filter((key) => value[key] === undefined)
    .map((key) => `${path}.${key}: is missing`);
  // `type: object` without anything below holds what it likes (metadata).
  const open = schema.properties === undefined && schema.additionalProperties === undefined;
  const inner = Object.entries(value).flatMap(([key, each]) => {
    const child = schema.properties?.[key] ?? schema.additionalProperties;
    if (child !== undefined) return faultsOf(child, each, `${path}.${key}`);
    return open ? [] : [`${path}.${key}: is no field of the schema`];
  });
  return [...missing, ...inner];
}

/** The value with every default that the schema gives. */
export function withDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((each) => withDefaults(items, each));
  }
  if (!isObject(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (filled[key] === undefined && child.default !== undefined) filled[key] = child.default;
    if (filled[key] !== undefined) filled[key] = withDefaults(child, filled[key]);
  }
  return filled;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
