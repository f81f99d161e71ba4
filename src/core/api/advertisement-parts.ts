/** Fields that both kinds of advertisement have. */
import { Type } from '@sinclair/typebox';
import type { PrinterColumn } from './kind-definition.ts';
import { labelSelectors, texts } from './schema-parts.ts';

export const selectionFields = {
  ipAddressPools: Type.Optional(texts('Pools to advertise, by name. With no name and no selector: every pool.')),
  ipAddressPoolSelectors: Type.Optional(
    labelSelectors('Pools to advertise, by label; together with ipAddressPools a union.'),
  ),
  nodeSelectors: Type.Optional(
    labelSelectors('Nodes that advertise; any of the selectors is enough. Empty: every node.'),
  ),
  serviceSelectors: Type.Optional(
    labelSelectors('Services to advertise, by label; any of the selectors is enough. Empty: every Service.'),
  ),
};

export const selectionColumns: readonly PrinterColumn[] = [
  { name: 'IPAddressPools', type: 'string', jsonPath: '.spec.ipAddressPools' },
  { name: 'IPAddressPool Selectors', type: 'string', jsonPath: '.spec.ipAddressPoolSelectors' },
];

export const nodeSelectorColumn: PrinterColumn = {
  name: 'Node Selectors',
  type: 'string',
  jsonPath: '.spec.nodeSelectors',
  priority: 10,
};
