/** BGPPeer (metallb.io): v1beta2 is stored, v1beta1 is still served and converted by webhook. */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, conditionColumn, type KindDefinition, type PrinterColumn } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { asNumber, duration, labelSelectors, reported, text, words } from './schema-parts.ts';

const common = {
  myASN: asNumber('AS number of the nodes.'),
  sourceAddress: Type.Optional(text('Address of the node that the session comes from.')),
  holdTime: Type.Optional(duration('Proposed hold time, such as 90s; 0s, or 3s and more (RFC 4271).')),
  keepaliveTime: Type.Optional(duration('Time between keepalives, such as 30s; by default a third of holdTime.')),
  routerID: Type.Optional(text('BGP identifier of the nodes, written as an IPv4 address.')),
  password: Type.Optional(text('Password of the session (TCP MD5, RFC 2385). Rather use passwordSecret.')),
  bfdProfile: Type.Optional(text('Name of the BFDProfile for a BFD session beside the BGP session.')),
  ebgpMultiHop: Type.Optional(
    Type.Boolean({ description: 'Whether an external neighbour is more than one hop away.' }),
  ),
};

const ONCE_SET = 'enableGracefulRestart can only be chosen when the BGPPeer is created';

export const BGPPeerSpecSchema = Type.Object(
  {
    ...common,
    peerASN: Type.Optional(asNumber('AS number of the neighbour. This or dynamicASN.')),
    dynamicASN: Type.Optional(
      words(['internal', 'external'], {
        description: 'Takes any AS number that equals myASN (internal) or differs from it (external).',
      }),
    ),
    localASN: Type.Optional(asNumber('AS number shown to this neighbour in place of myASN.', 1)),
    peerAddress: Type.Optional(text('Address of the neighbour. This or interface.')),
    interface: Type.Optional(text('Interface of the node for an unnumbered session. This or peerAddress.')),
    peerPort: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 16384, default: 179, description: 'TCP port of the neighbour.' }),
    ),
    connectTime: Type.Optional(
      Type.String({
        description: 'Time between attempts to connect, such as 10s; whole seconds from 1s to 65535s.',
        'x-kubernetes-validations': [
          {
            rule: 'duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535',
            message: 'connectTime must be from 1s to 65535s',
          },
          {
            rule: 'duration(self).getMilliseconds() % 1000 == 0',
            message: 'connectTime must be whole seconds',
          },
        ],
      }),
    ),
    nodeSelectors: Type.Optional(
      labelSelectors('Nodes that open the session; any of the selectors is enough. Empty: every node.'),
    ),
    passwordSecret: Type.Optional(
      Type.Object(
        {
          name: Type.Optional(text('Name of the Secret.')),
          namespace: Type.Optional(text('Namespace of the Secret: that of the BGPPeer, or unset.')),
        },
        {
          description:
            'Secret of type kubernetes.io/basic-auth, beside the BGPPeer, whose key password holds the password.',
          'x-kubernetes-map-type': 'atomic',
        },
      ),
    ),
    enableGracefulRestart: Type.Optional(
      Type.Boolean({
        description: 'Whether the neighbour keeps its routes while the speaker restarts (RFC 4724).',
        'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: ONCE_SET }],
      }),
    ),
    vrf: Type.Optional(text('VRF of the node that the session is in.')),
    disableMP: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Whether only routes of the family of the session are exchanged. Rather use dualStackAddressFamily.',
      }),
    ),
    dualStackAddressFamily: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether one session carries routes of both families.' }),
    ),
  },
  { description: 'The neighbour, and how to talk to it.' },
);

const NodeSelectorV1Beta1Schema = Type.Object({
  matchLabels: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Labels that must all have these values.' }),
  ),
  matchExpressions: Type.Optional(
    Type.Array(
      Type.Object({
        key: text('Key of the label.'),
        operator: text('In, NotIn, Exists or DoesNotExist.'),
        values: Type.Array(Type.String(), { minItems: 1, description: 'Values to compare with.' }),
      }),
      { description: 'Conditions on labels that must all hold.' },
    ),
  ),
});

export const BGPPeerSpecV1Beta1Schema = Type.Object(
  {
    ...common,
    peerASN: asNumber('AS number of the neighbour.'),
    peerAddress: text('Address of the neighbour.'),
    peerPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 16384, description: 'TCP port of the neighbour.' })),
    nodeSelectors: Type.Optional(
      Type.Array(NodeSelectorV1Beta1Schema, { description: 'Nodes that open the session. Empty: every node.' }),
    ),
  },
  { description: 'The neighbour, and how to talk to it.' },
);

export const BGPPeerStatusSchema = Type.Object(reported);

export type BGPPeerSpec = Static<typeof BGPPeerSpecSchema>;
export interface BGPPeer extends KubeObject {
  readonly spec?: BGPPeerSpec;
  readonly status?: Static<typeof BGPPeerStatusSchema>;
}

const columns: readonly PrinterColumn[] = [
  { name: 'Address', type: 'string', jsonPath: '.spec.peerAddress' },
  { name: 'ASN', type: 'string', jsonPath: '.spec.peerASN' },
  { name: 'BFD Profile', type: 'string', jsonPath: '.spec.bfdProfile' },
  { name: 'Multi Hops', type: 'string', jsonPath: '.spec.ebgpMultiHop' },
];

export const bgpPeer: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'BGPPeer',
  plural: 'bgppeers',
  singular: 'bgppeer',
  description: 'BGPPeer is a neighbour that the nodes speak BGP with.',
  convertedByWebhook: true,
  versions: [
    {
      name: 'v1beta1',
      storage: false,
      deprecationWarning: 'metallb.io/v1beta1 BGPPeer is deprecated; write metallb.io/v1beta2',
      spec: BGPPeerSpecV1Beta1Schema,
      specRequired: false,
      status: BGPPeerStatusSchema,
      columns: [...columns, AGE],
    },
    {
      name: 'v1beta2',
      storage: true,
      spec: BGPPeerSpecSchema,
      specRequired: false,
      status: BGPPeerStatusSchema,
      columns: [
        ...columns,
        { name: 'Interface', type: 'string', jsonPath: '.spec.interface', priority: 1 },
        conditionColumn('Ready', 1),
        AGE,
      ],
    },
  ],
};
