/** From TypeBox's JSON Schema to the structural OpenAPI v3 schema that a CustomResourceDefinition takes. */
import type { TSchema } from '@sinclair/typebox';

/** The part of OpenAPI v3 that Berth's kinds use. */
export interface StructuralSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

/** Unions of words become `enum`, records become `additionalProperties`; the rest is the same in both. */
export function toStructural(schema: TSchema): StructuralSchema {
  const { anyOf, patternProperties, properties, items, ...plain } = schema as Readonly<Record<string, unknown>>;
  return {
    ...(plain as unknown as StructuralSchema),
    ...(anyOf === undefined ? {} : toEnum(anyOf as readonly { readonly const: string }[])),
    ...(patternProperties === undefined ? {} : toAdditional(patternProperties as Readonly<Record<string, TSchema>>)),
    ...(properties === undefined || isEmpty(properties)
      ? {}
      : { properties: toProperties(properties as Readonly<Record<string, TSchema>>) }),
    ...(items === undefined ? {} : { items: toStructural(items as TSchema) }),
  };
}

/** The apiserver stores no empty `properties`, and a second apply of one would show a change. */
function isEmpty(properties: unknown): boolean {
  return Object.keys(properties as object).length === 0;
}

function toEnum(literals: readonly { readonly const: string }[]): Pick<StructuralSchema, 'type' | 'enum'> {
  return { type: 'string', enum: literals.map((literal) => literal.const) };
}

function toAdditional(patterns: Readonly<Record<string, TSchema>>): Pick<StructuralSchema, 'additionalProperties'> {
  const [value] = Object.values(patterns);
  return value === undefined ? {} : { additionalProperties: toStructural(value) };
}

function toProperties(properties: Readonly<Record<string, TSchema>>): Readonly<Record<string, StructuralSchema>> {
  return Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, toStructural(each)]));
}
