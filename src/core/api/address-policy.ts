/** AddressPolicy (berth.dev/v1alpha1). */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, conditionColumn, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { BERTH_GROUP } from './names.ts';
import { duration, int64, labelSelector, reported, text, texts, words } from './schema-parts.ts';

const limit = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 2147483647, description }));

const MatchSchema = Type.Object(
  {
    namespaces: Type.Optional(texts('Namespaces, by name. An empty list matches none.')),
    namespaceSelector: Type.Optional(labelSelector('Namespaces, by label.')),
    serviceSelector: Type.Optional(labelSelector('Services, by label.')),
    categories: Type.Optional(
      texts('Values of the label or annotation berth.dev/category, such as ingress, database or any other word.'),
    ),
  },
  {
    description: 'Which Services the policy is for: all parts that are given must match. Without match: every Service.',
  },
);

const QuotaSchema = Type.Object(
  {
    addresses: limit('Addresses of both families together.'),
    addressesIPv4: limit('IPv4 addresses.'),
    addressesIPv6: limit('IPv6 addresses.'),
    services: limit('Services that have an address.'),
    perPool: Type.Optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 2147483647 }), {
        description: 'Addresses from each of these pools.',
      }),
    ),
  },
  {
    description:
      'What each matched namespace may have at most, counted by itself. Parts that are not given have no limit.',
  },
);

export const AddressPolicySpecSchema = Type.Object(
  {
    priority: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2147483647,
        description: 'The lowest number goes first; policies without one go last; ties go by name.',
      }),
    ),
    match: Type.Optional(MatchSchema),
    pools: Type.Optional(texts('Pools to take addresses from; when one is full, the next.')),
    quota: Type.Optional(QuotaSchema),
    strategy: Type.Optional(
      words(['Lowest', 'Stable'], {
        description:
          'Lowest gives the first free address. Stable gives one that follows from namespace, name and pool.',
      }),
    ),
    releaseDelay: Type.Optional(
      duration(
        'How long an address stays held for a Service of the same namespace and name after its release, such as 1h.',
      ),
    ),
    onExhausted: Type.Optional(
      words(['Reject', 'Pend'], {
        description: 'Whether a Service that finds no address is refused, or admitted and waits.',
      }),
    ),
    sharing: Type.Optional(
      Type.Object(
        {
          namespaces: Type.Optional(texts('Namespaces, by name.')),
          namespaceSelector: Type.Optional(labelSelector('Namespaces, by label.')),
        },
        { description: 'Namespaces whose Services may share an address with each other under an equal sharing key.' },
      ),
    ),
    dns: Type.Optional(
      Type.Object(
        {
          hostname: text('Template of the name, with {name}, {namespace}, {pool} and {category}.'),
          ttl: Type.Optional(duration('Lifetime of the record, such as 5m.')),
        },
        { description: 'DNS name of the matched Services.' },
      ),
    ),
  },
  { description: 'Whom the policy is for, and its rules.' },
);

export const AddressPolicyStatusSchema = Type.Object(
  {
    namespaces: Type.Optional(int64('Namespaces with Services that the policy matches.', { minimum: 0 })),
    services: Type.Optional(int64('Matched Services that have an address.', { minimum: 0 })),
    assignedIPv4: Type.Optional(int64('IPv4 addresses of the matched Services.', { minimum: 0 })),
    assignedIPv6: Type.Optional(int64('IPv6 addresses of the matched Services.', { minimum: 0 })),
    ...reported,
  },
  { description: 'What the policy comes to at present.' },
);

export type AddressPolicySpec = Static<typeof AddressPolicySpecSchema>;
export type AddressPolicyStatus = Static<typeof AddressPolicyStatusSchema>;
export interface AddressPolicy extends KubeObject {
  readonly spec?: AddressPolicySpec;
  readonly status?: AddressPolicyStatus;
}

export const addressPolicy: KindDefinition = {
  group: BERTH_GROUP,
  kind: 'AddressPolicy',
  plural: 'addresspolicies',
  singular: 'addresspolicy',
  description:
    'AddressPolicy says which pools Services draw from, how much each namespace may have, and how addresses are given.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1alpha1',
      storage: true,
      spec: AddressPolicySpecSchema,
      specRequired: true,
      status: AddressPolicyStatusSchema,
      columns: [
        { name: 'Priority', type: 'integer', jsonPath: '.spec.priority' },
        { name: 'Pools', type: 'string', jsonPath: '.spec.pools' },
        { name: 'Strategy', type: 'string', jsonPath: '.spec.strategy' },
        { name: 'On Exhausted', type: 'string', jsonPath: '.spec.onExhausted' },
        { name: 'Services', type: 'integer', jsonPath: '.status.services' },
        conditionColumn('Ready'),
        AGE,
      ],
    },
  ],
};
