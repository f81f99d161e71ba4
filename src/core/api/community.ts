/** Community (metallb.io/v1beta1). */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { reported, text } from './schema-parts.ts';

export const CommunitySpecSchema = Type.Object(
  {
    communities: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.Optional(text('The alias that BGPAdvertisements use.')),
          value: Type.Optional(text('What it stands for: 64512:100, or large:64512:1:100.')),
        }),
        { description: 'Aliases; each name once over all Community objects.' },
      ),
    ),
  },
  { description: 'Names for BGP communities.' },
);

export const CommunityStatusSchema = Type.Object(reported);

export type CommunitySpec = Static<typeof CommunitySpecSchema>;
export interface Community extends KubeObject {
  readonly spec?: CommunitySpec;
  readonly status?: Static<typeof CommunityStatusSchema>;
}

export const community: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'Community',
  plural: 'communities',
  singular: 'community',
  description: 'Community gives BGP communities names that BGPAdvertisements can use.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: CommunitySpecSchema,
      specRequired: false,
      status: CommunityStatusSchema,
      columns: [{ name: 'Aliases', type: 'string', jsonPath: '.spec.communities' }, AGE],
    },
  ],
};
