/** IPAddressPool (metallb.io/v1beta1). */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, conditionColumn, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { int64, labelSelectors, reported, texts } from './schema-parts.ts';

const ServiceAllocationSchema = Type.Object(
  {
    priority: Type.Optional(
      Type.Integer({ description: 'Of several pools that fit, the lowest number goes first; 0 and unset go last.' }),
    ),
    namespaces: Type.Optional(texts('Namespaces whose Services may have the addresses.')),
    namespaceSelectors: Type.Optional(
      labelSelectors('Namespaces whose Services may have the addresses, by label; together with namespaces a union.'),
    ),
    serviceSelectors: Type.Optional(labelSelectors('Services that may have the addresses, by label.')),
  },
  { description: 'Keeps the pool for some namespaces and Services. Without it the pool is open to all.' },
);

export const IPAddressPoolSpecSchema = Type.Object(
  {
    addresses: texts('Prefixes (192.0.2.0/28) and ranges (192.0.2.10-192.0.2.20), of either family.'),
    autoAssign: Type.Optional(
      Type.Boolean({ default: true, description: 'Whether Services that ask for no pool are given addresses of it.' }),
    ),
    avoidBuggyIPs: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether addresses that end in .0 and .255 are never given by themselves.',
      }),
    ),
    serviceAllocation: Type.Optional(ServiceAllocationSchema),
  },
  { description: 'Which addresses, and for whom.' },
);

export const IPAddressPoolStatusSchema = Type.Object(
  {
    assignedIPv4: Type.Optional(int64('IPv4 addresses that Services have.')),
    assignedIPv6: Type.Optional(int64('IPv6 addresses that Services have.')),
    availableIPv4: Type.Optional(int64('IPv4 addresses that the next Service can be given.')),
    availableIPv6: Type.Optional(int64('IPv6 addresses that the next Service can be given; at most 2^53-1 is told.')),
    reservedIPv4: Type.Optional(int64('Free IPv4 addresses that AddressReservations keep.')),
    reservedIPv6: Type.Optional(int64('Free IPv6 addresses that AddressReservations keep; at most 2^53-1 is told.')),
    ...reported,
  },
  { description: 'How full the pool is, as Berth sees it.' },
);

export type IPAddressPoolSpec = Static<typeof IPAddressPoolSpecSchema>;
export type IPAddressPoolStatus = Static<typeof IPAddressPoolStatusSchema>;
export interface IPAddressPool extends KubeObject {
  readonly spec: IPAddressPoolSpec;
  readonly status?: IPAddressPoolStatus;
}

export const ipAddressPool: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'IPAddressPool',
  plural: 'ipaddresspools',
  singular: 'ipaddresspool',
  description: 'IPAddressPool is a set of addresses that Services of type LoadBalancer are given.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: IPAddressPoolSpecSchema,
      specRequired: true,
      status: IPAddressPoolStatusSchema,
      columns: [
        { name: 'Addresses', type: 'string', jsonPath: '.spec.addresses' },
        { name: 'Auto Assign', type: 'boolean', jsonPath: '.spec.autoAssign' },
        { name: 'IPv4 Used', type: 'integer', jsonPath: '.status.assignedIPv4' },
        { name: 'IPv4 Free', type: 'integer', jsonPath: '.status.availableIPv4' },
        { name: 'IPv6 Used', type: 'integer', jsonPath: '.status.assignedIPv6' },
        { name: 'IPv6 Free', type: 'integer', jsonPath: '.status.availableIPv6' },
        conditionColumn('Ready'),
        {
          name: 'Reason',
          type: 'string',
          jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
          priority: 1,
        },
        { name: 'Avoid Buggy IPs', type: 'boolean', jsonPath: '.spec.avoidBuggyIPs', priority: 1 },
        AGE,
      ],
    },
  ],
};
