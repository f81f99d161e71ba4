/** L2Advertisement (metallb.io/v1beta1). */
import { type Static, Type } from '@sinclair/typebox';
import { nodeSelectorColumn, selectionColumns, selectionFields } from './advertisement-parts.ts';
import { AGE, conditionColumn, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { labelSelector, reported, texts } from './schema-parts.ts';

const PreferredNodeSelectorSchema = Type.Object({
  weight: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'Weights of all preferences that take a node are added up; the highest sum announces.',
  }),
  preference: labelSelector('Nodes that get the weight; {} takes every node.'),
});

export const L2AdvertisementSpecSchema = Type.Object(
  {
    ...selectionFields,
    interfaces: Type.Optional(texts('Network interfaces that announce. Empty: every interface of the node.')),
    preferredNodeSelectors: Type.Optional(
      Type.Array(PreferredNodeSelectorSchema, {
        description: 'Nodes that announce rather than others, among those that nodeSelectors take.',
      }),
    ),
  },
  { description: 'Which addresses are announced by ARP and NDP, and from where.' },
);

export const L2AdvertisementStatusSchema = Type.Object(reported);

export type L2AdvertisementSpec = Static<typeof L2AdvertisementSpecSchema>;
export interface L2Advertisement extends KubeObject {
  readonly spec?: L2AdvertisementSpec;
  readonly status?: Static<typeof L2AdvertisementStatusSchema>;
}

export const l2Advertisement: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'L2Advertisement',
  plural: 'l2advertisements',
  singular: 'l2advertisement',
  description: 'L2Advertisement announces the addresses of pools on the local network: one node answers for each.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: L2AdvertisementSpecSchema,
      specRequired: false,
      status: L2AdvertisementStatusSchema,
      columns: [
        ...selectionColumns,
        { name: 'Interfaces', type: 'string', jsonPath: '.spec.interfaces' },
        nodeSelectorColumn,
        conditionColumn('Ready', 1),
        AGE,
      ],
    },
  ],
};
