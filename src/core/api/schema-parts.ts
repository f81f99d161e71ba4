/** Pieces of schema that several kinds have. Each builder takes the sentence that `kubectl explain` shows. */
import { type TUnsafe, Type } from '@sinclair/typebox';

/** One of a closed set of words. */
export function words<const Words extends readonly string[]>(
  all: Words,
  options: { readonly description?: string } = {},
): TUnsafe<Words[number]> {
  const literals = all.map((word) => Type.Literal(word));
  return Type.Unsafe<Words[number]>(Type.Union(literals, options));
}

export const text = (description: string) => Type.String({ description });

export const texts = (description: string) => Type.Array(Type.String(), { description });

/** A number in a JSON document: int64 wherever int32 could be too small. */
export const int64 = (description: string, bounds: { readonly minimum?: number; readonly maximum?: number } = {}) =>
  Type.Integer({ description, format: 'int64', ...bounds });

export const asNumber = (description: string, minimum = 0) => int64(description, { minimum, maximum: 4294967295 });

export const duration = (description: string) => Type.String({ description });

const MatchExpression = Type.Object({
  key: text('Key of the label.'),
  operator: text('In, NotIn, Exists or DoesNotExist.'),
  values: Type.Optional(texts('Values to compare with; for In and NotIn only.')),
});

const MATCH_LABELS = 'Labels that must all have these values.';
const MATCH_EXPRESSIONS = 'Conditions on labels that must all hold.';

/** metav1.LabelSelector. */
export const labelSelector = (description: string) =>
  Type.Object(
    {
      matchLabels: Type.Optional(Type.Record(Type.String(), Type.String(), { description: MATCH_LABELS })),
      matchExpressions: Type.Optional(
        Type.Array(MatchExpression, { description: MATCH_EXPRESSIONS, 'x-kubernetes-list-type': 'atomic' }),
      ),
    },
    { description, 'x-kubernetes-map-type': 'atomic' },
  );

export const labelSelectors = (description: string) =>
  Type.Array(labelSelector('Takes what satisfies all its conditions; {} takes everything.'), { description });

/** metav1.Condition, as a map by type so that several writers can each own theirs. */
export const conditions = Type.Array(
  Type.Object({
    type: Type.String({ maxLength: 316, description: 'What the condition is about.' }),
    status: words(['True', 'False', 'Unknown']),
    reason: Type.String({ minLength: 1, maxLength: 1024, description: 'One CamelCase word for programs.' }),
    message: Type.String({ maxLength: 32768, description: 'A sentence for people.' }),
    lastTransitionTime: Type.String({ format: 'date-time', description: 'When status last changed.' }),
    observedGeneration: Type.Optional(int64('Generation of the spec that was looked at.', { minimum: 0 })),
  }),
  {
    description: 'What Berth makes of the object.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  },
);

/** The part that every kind which Berth reports on has. */
export const reported = {
  observedGeneration: Type.Optional(int64('Generation of the spec that this status is of.', { minimum: 0 })),
  conditions: Type.Optional(conditions),
};
