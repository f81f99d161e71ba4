/** What speakers report: ServiceL2Status, ServiceBGPStatus and ConfigurationState (metallb.io/v1beta1). */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { METALLB_GROUP } from './names.ts';
import { conditions, text, texts, words } from './schema-parts.ts';

const fixed = (description: string) =>
  Type.Optional(
    Type.String({
      description,
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'the value never changes' }],
    }),
  );

const subject = {
  node: fixed('Node that announces.'),
  serviceName: fixed('Name of the Service.'),
  serviceNamespace: fixed('Namespace of the Service.'),
};

const NoSpecSchema = Type.Object({}, { description: 'Nothing is asked of this kind; Berth reports in it.' });

export const ServiceL2StatusSchema = Type.Object(
  {
    ...subject,
    interfaces: Type.Optional(
      Type.Array(Type.Object({ name: Type.Optional(text('Name of the interface.')) }), {
        description: 'Interfaces that the node announces on.',
      }),
    ),
  },
  { description: 'Which node announces a Service on the local network.' },
);

export const ServiceBGPStatusSchema = Type.Object(
  { ...subject, peers: Type.Optional(texts('BGPPeers that the node sends the routes to.')) },
  { description: 'To whom a node sends the routes of a Service.' },
);

export const ConfigurationStateStatusSchema = Type.Object(
  {
    result: Type.Optional(
      words(['Valid', 'Invalid', 'Unknown'], { description: 'Whether all configuration has effect.' }),
    ),
    errorSummary: Type.Optional(text('What is in error; empty where result is Valid.')),
    conditions: Type.Optional(conditions),
  },
  { description: 'What one component makes of the configuration.' },
);

export interface ServiceL2Status extends KubeObject {
  readonly status?: Static<typeof ServiceL2StatusSchema>;
}
export interface ServiceBGPStatus extends KubeObject {
  readonly status?: Static<typeof ServiceBGPStatusSchema>;
}
export interface ConfigurationState extends KubeObject {
  readonly status?: Static<typeof ConfigurationStateStatusSchema>;
}

const serviceColumns = [
  { name: 'Service Name', type: 'string', jsonPath: '.status.serviceName' },
  { name: 'Service Namespace', type: 'string', jsonPath: '.status.serviceNamespace' },
] as const;

export const serviceL2Status: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'ServiceL2Status',
  plural: 'servicel2statuses',
  singular: 'servicel2status',
  description: 'ServiceL2Status tells which node announces the addresses of a Service on the local network.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: NoSpecSchema,
      specRequired: false,
      status: ServiceL2StatusSchema,
      columns: [{ name: 'Allocated Node', type: 'string', jsonPath: '.status.node' }, ...serviceColumns],
    },
  ],
};

export const serviceBGPStatus: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'ServiceBGPStatus',
  plural: 'servicebgpstatuses',
  singular: 'servicebgpstatus',
  description: 'ServiceBGPStatus tells which peers a node sends the routes of a Service to.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: NoSpecSchema,
      specRequired: false,
      status: ServiceBGPStatusSchema,
      columns: [{ name: 'Node', type: 'string', jsonPath: '.status.node' }, ...serviceColumns],
    },
  ],
};

export const configurationState: KindDefinition = {
  group: METALLB_GROUP,
  kind: 'ConfigurationState',
  plural: 'configurationstates',
  singular: 'configurationstate',
  description: 'ConfigurationState tells what the controller or one speaker makes of the configuration.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1beta1',
      storage: true,
      spec: undefined,
      specRequired: false,
      status: ConfigurationStateStatusSchema,
      columns: [
        { name: 'Result', type: 'string', jsonPath: '.status.result' },
        { name: 'ErrorSummary', type: 'string', jsonPath: '.status.errorSummary' },
        AGE,
      ],
    },
  ],
};
