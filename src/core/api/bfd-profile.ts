/** BFDProfile (metallb.io/v1beta1). */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { reported } from './schema-parts.ts';

const interval = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 10, maximum: 60000, format: 'int32', description }));

export const BFDProfileSpecSchema = Type.Object(
  {
    receiveInterval: interval('Shortest interval between control packets that this side takes, in milliseconds.'),
    transmitInterval: interval('Shortest interval between control packets that this side sends, in milliseconds.'),
    detectMultiplier: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: 255,
        format: 'int32',
        description: 'How many intervals without a packet mean that the neighbour is gone.',
      }),
    ),
    echoInterval: interval('Shortest interval between echo packets that this side takes, in milliseconds.'),
    echoMode: Type.Optional(
      Type.Boolean({ description: 'Whether echo packets are sent; IPv4 and a single hop only.' }),
    ),
    passiveMode: Type.Optional(Type.Boolean({ description: 'Whether this side waits for the neighbour to begin.' })),
    minimumTtl: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 254,
        format: 'int32',
        description: 'Lowest TTL of packets that are taken, for sessions over several hops.',
      }),
    ),
  },
  { description: 'Timers and modes of BFD (RFC 5880).' },
);

export const BFDProfileStatusSchema = Type.Object(reported);

export type BFDProfileSpec = Static<typeof BFDProfileSpecSchema>;
export interface BFDProfile extends KubeObject {
  readonly spec?: BFDProfileSpec;
  readonly status?: Static<typeof BFDProfileStatusSchema>;
}

export const bfdProfile: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'BFDProfile',
  plural: 'bfdprofiles',
  singular: 'bfdprofile',
  description: 'BFDProfile says how fast a dead BGP neighbour is noticed; BGPPeers name it.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: BFDProfileSpecSchema,
      specRequired: false,
      status: BFDProfileStatusSchema,
      columns: [
        { name: 'Passive Mode', type: 'boolean', jsonPath: '.spec.passiveMode' },
        { name: 'Transmit Interval', type: 'integer', jsonPath: '.spec.transmitInterval' },
        { name: 'Receive Interval', type: 'integer', jsonPath: '.spec.receiveInterval' },
        { name: 'Multiplier', type: 'integer', jsonPath: '.spec.detectMultiplier' },
        AGE,
      ],
    },
  ],
};
