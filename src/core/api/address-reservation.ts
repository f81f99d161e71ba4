/** AddressReservation (berth.dev/v1alpha1). */
import { type Static, Type } from '@sinclair/typebox';
import { AGE, conditionColumn, type KindDefinition } from './kind-definition.ts';
import type { KubeObject } from './kubernetes.ts';
import { BERTH_GROUP } from './names.ts';
import { int64, reported } from './schema-parts.ts';

export const AddressReservationSpecSchema = Type.Object(
  {
    addresses: Type.Array(Type.String({ maxLength: 128 }), {
      minItems: 1,
      maxItems: 1024,
      description: 'Addresses (192.0.2.10), prefixes (192.0.2.0/28) and ranges (192.0.2.10-192.0.2.20).',
    }),
    namespace: Type.String({ minLength: 1, maxLength: 63, description: 'Namespace that the addresses are kept for.' }),
    service: Type.Optional(
      Type.String({
        maxLength: 63,
        description: 'Name of the one Service that they are kept for. Without it: any Service of the namespace.',
      }),
    ),
    expiresAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the reservation ends. Without it: never.' }),
    ),
    contestedBy: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'Hardware address of a host outside the cluster that had the addresses before the Service could. Until the reservation ends, nobody is given them. Only in a hold-down.',
      }),
    ),
    holdDown: Type.Optional(
      Type.Boolean({
        description: 'Whether Berth wrote this after a release or a move; it then removes it when it has ended.',
      }),
    ),
  },
  { description: 'Which addresses, for whom, how long.' },
);

export const AddressReservationStatusSchema = Type.Object(
  {
    reserved: Type.Optional(int64('Addresses kept; at most 2^63-1 is told.', { minimum: 0 })),
    assigned: Type.Optional(int64('Addresses of these that a Service has.', { minimum: 0 })),
    ...reported,
  },
  { description: 'What the reservation comes to at present.' },
);

export type AddressReservationSpec = Static<typeof AddressReservationSpecSchema>;
export type AddressReservationStatus = Static<typeof AddressReservationStatusSchema>;
export interface AddressReservation extends KubeObject {
  readonly spec: AddressReservationSpec;
  readonly status?: AddressReservationStatus;
}

export const addressReservation: KindDefinition = {
  group: BERTH_GROUP,
  kind: 'AddressReservation',
  plural: 'addressreservations',
  singular: 'addressreservation',
  description:
    'AddressReservation keeps addresses for a namespace or for one Service, before the Service exists and after it is gone.',
  convertedByWebhook: false,
  versions: [
    {
      name: 'v1alpha1',
      storage: true,
      spec: AddressReservationSpecSchema,
      specRequired: true,
      status: AddressReservationStatusSchema,
      columns: [
        { name: 'Addresses', type: 'string', jsonPath: '.spec.addresses' },
        { name: 'Namespace', type: 'string', jsonPath: '.spec.namespace' },
        { name: 'Service', type: 'string', jsonPath: '.spec.service' },
        // As text: a date column would count how long ago a time to come was.
        { name: 'Expires', type: 'string', jsonPath: '.spec.expiresAt' },
        { name: 'Hold Down', type: 'boolean', jsonPath: '.spec.holdDown', priority: 1 },
        conditionColumn('Ready'),
        AGE,
      ],
    },
  ],
};
