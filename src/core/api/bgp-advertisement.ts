/** BGPAdvertisement (metallb.io/v1beta1). */
import { type Static, Type } from '@sinclair/typebox';
import { nodeSelectorColumn, selectionColumns, selectionFields } from './advertisement-parts.ts';
import { AGE, conditionColumn, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { int64, reported, texts } from './schema-parts.ts';

export const BGPAdvertisementSpecSchema = Type.Object(
  {
    ...selectionFields,
    aggregationLength: Type.Optional(
      Type.Integer({
        minimum: 1,
        default: 32,
        format: 'int32',
        description: 'Prefix length of the IPv4 routes; below 32 several addresses go into one route.',
      }),
    ),
    aggregationLengthV6: Type.Optional(
      Type.Integer({
        default: 128,
        format: 'int32',
        description: 'Prefix length of the IPv6 routes; below 128 several addresses go into one route.',
      }),
    ),
    localPref: Type.Optional(
      int64('LOCAL_PREF of the routes, for internal peers; the highest is preferred.', {
        minimum: 0,
        maximum: 4294967295,
      }),
    ),
    communities: Type.Optional(
      texts('Communities of the routes: 64512:100, large:64512:1:100, or an alias from a Community object.'),
    ),
    peers: Type.Optional(texts('BGPPeers that get the routes, by name. Empty: every peer.')),
  },
  { description: 'Which routes are sent for the addresses, and to whom.' },
);

export const BGPAdvertisementStatusSchema = Type.Object(reported);

export type BGPAdvertisementSpec = Static<typeof BGPAdvertisementSpecSchema>;
export interface BGPAdvertisement extends KubeObject {
  readonly spec?: BGPAdvertisementSpec;
  readonly status?: Static<typeof BGPAdvertisementStatusSchema>;
}

export const bgpAdvertisement: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'BGPAdvertisement',
  plural: 'bgpadvertisements',
  singular: 'bgpadvertisement',
  description: 'BGPAdvertisement sends routes for the addresses of pools to BGP peers.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: BGPAdvertisementSpecSchema,
      specRequired: false,
      status: BGPAdvertisementStatusSchema,
      columns: [
        ...selectionColumns,
        { name: 'Peers', type: 'string', jsonPath: '.spec.peers' },
        nodeSelectorColumn,
        conditionColumn('Ready', 1),
        AGE,
      ],
    },
  ],
};
